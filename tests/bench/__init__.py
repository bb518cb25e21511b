"""What Hearback costs beside the barest thing that could do the same work: `make bench`."""
