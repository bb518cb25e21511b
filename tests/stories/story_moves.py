"""Moves that most stories make on their way, each as a person makes it: press, fill in, submit."""

from story_house import House

CHANGED = "We now call you on the day when a parcel is late."


async def take(house: House, name: str, place: str = "#support") -> None:
    """Take the latest case of a channel."""
    await house.person(name).press("Take", on=place)
    await house.settle()


async def resolve(house: House, name: str, *, place: str = "#support", changed: str = CHANGED) -> dict[str, str]:
    """Resolve the latest case of a channel; gives what was refused, by field."""
    who = house.person(name)
    await who.press("Resolve", on=place)
    await who.fill("What caused it?", "Process: how we work")
    await who.fill("What changed, in words for the customer", changed)
    refused = await who.submit()
    await house.settle()
    return refused


async def tell(house: House, name: str, *, place: str = "#support") -> None:
    """Write the mail that tells the customer, read it once more, and let it wait for its time."""
    who = house.person(name)
    await who.press("Tell customer", on=place)
    assert await who.submit() == {}
    assert await who.submit() == {}
    await house.settle()


async def told(house: House, name: str = "Ana") -> None:
    """Close the loop of the latest case in #support by mail, as it is meant to be closed."""
    assert await resolve(house, name) == {}
    await tell(house, name)
    await house.wind(minutes=3)


async def log(house: House, name: str, button: str, *, place: str = "#support", how: str = "Phone") -> dict[str, str]:
    """Log a contact, or the telling: `button` is `Log contact` or `Log as told`."""
    who = house.person(name)
    await who.press(button, on=place)
    await who.fill("How did you reach them?", how)
    said = "What was said?" if button == "Log contact" else "What did you tell them, and what did they say?"
    await who.fill(said, "We talked it through.")
    refused = await who.submit()
    await house.settle()
    return refused


async def excuse(house: House, name: str, *, reason: str = "Duplicate of another case") -> dict[str, str]:
    """Excuse the latest case of #support, or ask for it; gives what was refused, by field."""
    who = house.person(name)
    await who.press("Excuse", on="#support")
    await who.fill("Reason", reason)
    await who.fill("Why, in a sentence", "They wrote twice.")
    refused = await who.submit()
    await house.settle()
    return refused


async def reopen(house: House, name: str, *, place: str = "#support") -> dict[str, str]:
    """Take the latest case of a channel up again."""
    who = house.person(name)
    await who.press("Reopen", on=place)
    await who.fill("Why has it to be taken up again?", "She called again.")
    refused = await who.submit()
    await house.settle()
    return refused
