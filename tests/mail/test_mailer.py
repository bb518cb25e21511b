"""What becomes of a mail, as the server's behaviour has it: taken, refused, later, or nobody knows."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from bot.delivery.mail import compose
from bot.delivery.mailer import Accepted, BadSmtpUrl, Mailer, Refused, TryLater, Unclear

pytestmark = pytest.mark.anyio

AT = datetime(2027, 3, 2, 14, 20, 1, tzinfo=UTC)


def mail(number: int = 1, **changes: Any) -> EmailMessage:
    wanted: dict[str, Any] = {
        "sender": "Care <care@ours.example>",
        "to": "ann@post.example",
        "subject": "What changed",
        "text": "Dear Ann,\n\n.hidden\nit works now.",
        "message_id": f"<case-1.{number}@ours.example>",
        "at": AT,
    }
    return compose(**(wanted | changes))


def own_certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate that only we have signed; the test is skipped where there is no openssl program."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl isn't installed")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-days", "1", "-nodes", "-newkey", "rsa:2048"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run([program, "req", "-x509", *subject, *files], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


@pytest.fixture
async def mailer_to() -> AsyncIterator[Callable[..., Mailer]]:
    made: list[Mailer] = []

    def mailer(url: str, **options: Any) -> Mailer:
        made.append(Mailer(url, **options))
        return made[-1]

    yield mailer
    for each in made:
        each._smtp.close()


@pytest.fixture
def mailer(office: Any, mailer_to: Callable[..., Mailer]) -> Mailer:
    return mailer_to(office.url, step_timeout=0.4, data_timeout=0.4)


async def test_a_mail_is_accepted_and_arrives_as_it_was_written(office: Any, mailer: Mailer) -> None:
    outcome = await mailer.send(mail())

    assert outcome == Accepted("250 2.0.0 taken")
    [taken] = office.mails
    assert (taken.mail_from, taken.rcpt_tos) == ("care@ours.example", ["ann@post.example"])
    assert b"\r\n.hidden\r\n" in taken.content


async def test_one_connection_serves_one_mail_after_another(office: Any, mailer: Mailer) -> None:
    outcomes = await asyncio.gather(*(mailer.send(mail(number)) for number in range(5)))

    assert all(isinstance(each, Accepted) for each in outcomes)
    assert office.connections == 1
    assert [f"case-1.{number}@".encode() in each.content for number, each in enumerate(office.mails)] == [True] * 5


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "message"])
async def test_a_5xx_refuses_the_mail_for_good_and_the_connection_goes_on(
    step: str, office: Any, mailer: Mailer
) -> None:
    office.then(step, "550 5.1.1 <ann@post.example> nobody here")

    outcome = await mailer.send(mail())
    after = await mailer.send(mail(2))

    assert outcome == Refused("The mail server refused the message: 550 5.1.1 <(address)> nobody here", 550)
    assert isinstance(after, Accepted)
    assert office.connections == 1


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "message"])
async def test_a_4xx_is_tried_later(step: str, office: Any, mailer: Mailer) -> None:
    office.then(step, "451 4.3.0 busy")

    outcome = await mailer.send(mail())

    assert outcome == TryLater("The mail server asks to try again: 451 4.3.0 busy")
    assert not office.mails
    assert isinstance(await mailer.send(mail(2)), Accepted)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize("how", ["drop", "hang", "421 4.4.2 bye", "nonsense"])
async def test_nothing_is_unclear_before_the_message_itself(step: str, how: str, office: Any, mailer: Mailer) -> None:
    office.then(step, how)

    outcome = await mailer.send(mail())

    assert isinstance(outcome, TryLater)
    assert isinstance(await mailer.send(mail(2)), Accepted)
    assert len(office.mails) == 1


@pytest.mark.parametrize("how", ["drop", "hang", "nonsense"])
async def test_a_connection_lost_after_the_message_leaves_it_unclear(how: str, office: Any, mailer: Mailer) -> None:
    office.then("message", how)

    outcome = await mailer.send(mail())

    assert isinstance(outcome, Unclear)
    assert office.commands.count("message") == 1
    assert isinstance(await mailer.send(mail(2)), Accepted)
    assert office.connections == 2


@pytest.mark.parametrize("how", ["drop", "hang", "421 4.4.2 idle for too long"])
async def test_a_connection_that_went_stale_is_made_anew_and_the_mail_goes_out_once(
    how: str, office: Any, mailer: Mailer
) -> None:
    await mailer.send(mail(1))
    office.then("mail", how)

    outcome = await mailer.send(mail(2))

    assert isinstance(outcome, Accepted)
    assert office.connections == 2
    assert len(office.mails) == 2


async def test_a_connection_that_the_server_closed_in_between_is_made_anew(office: Any, mailer: Mailer) -> None:
    await mailer.send(mail(1))
    office.open[0].transport.abort()
    await asyncio.sleep(0.05)

    assert isinstance(await mailer.send(mail(2)), Accepted)
    assert office.commands.count("mail") == 2


async def test_a_server_that_drops_every_connection_is_asked_twice_and_no_more(office: Any, mailer: Mailer) -> None:
    await mailer.send(mail(1))
    office.then("mail", "drop", "drop", "drop")

    outcome = await mailer.send(mail(2))

    assert isinstance(outcome, TryLater)
    assert office.connections == 2


@pytest.mark.parametrize("how", ["drop", "hang", "554 5.3.2 not for you", "421 later"])
async def test_a_server_that_does_not_greet_is_tried_later(how: str, office: Any, mailer: Mailer) -> None:
    office.then("greeting", how)

    assert isinstance(await mailer.send(mail()), TryLater)
    assert isinstance(await mailer.send(mail(2)), Accepted)


async def test_a_server_that_is_not_there_is_tried_later(mailer_to: Callable[..., Mailer]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: nobody answers here
        mailer = mailer_to(f"smtp://127.0.0.1:{taken.getsockname()[1]}", step_timeout=1)

        outcome = await mailer.send(mail())
        said = await mailer.check()

    assert isinstance(outcome, TryLater)
    assert "can't be reached" in outcome.reason
    assert said == outcome.reason


async def test_a_cancelled_mail_does_not_disturb_the_next_one(office: Any, mailer: Mailer) -> None:
    office.then("message", "hang")
    sending = asyncio.create_task(mailer.send(mail(1)))
    await office.reached["message"].wait()

    sending.cancel()
    await asyncio.wait([sending])
    was_left_open = mailer._smtp.is_connected  # then the late answer to this mail would be taken for the next one's
    outcome = await mailer.send(mail(2))

    assert sending.cancelled()
    assert not was_left_open
    assert outcome == Accepted("250 2.0.0 taken")
    assert [b"case-1.2@" in each.content for each in office.mails] == [True]


async def test_the_server_is_signed_in_to(office: Any, mailer_to: Callable[..., Mailer]) -> None:
    right = mailer_to(office.url.replace("//", "//desk:p%40ss%2Fword@") + "?starttls=0")
    wrong = mailer_to(office.url.replace("//", "//desk:hunter2@") + "?starttls=0")

    refused = await wrong.send(mail())

    assert isinstance(await right.send(mail()), Accepted)
    assert isinstance(refused, TryLater)
    assert "sign-in" in refused.reason
    assert "hunter2" not in refused.reason


async def test_a_password_is_not_sent_in_the_clear_unless_that_is_asked_for(
    office: Any, mailer_to: Callable[..., Mailer]
) -> None:
    outcome = await mailer_to(office.url.replace("//", "//desk:p%40ss%2Fword@")).send(mail())

    assert isinstance(outcome, TryLater)
    assert not office.mails


async def test_encryption_from_the_start_against_a_server_without_it_is_tried_later(
    office: Any, mailer_to: Callable[..., Mailer]
) -> None:
    outcome = await mailer_to(office.url.replace("smtp:", "smtps:"), step_timeout=0.4).send(mail())

    assert isinstance(outcome, TryLater)


async def test_an_encrypted_connection_is_used_once_its_certificate_is_trusted(
    tmp_path: Path, open_office: Any, mailer_to: Callable[..., Mailer]
) -> None:
    office = await open_office(tls_context=own_certificate(tmp_path), require_starttls=True)
    url = office.url.replace("//", "//desk:p%40ss%2Fword@")

    trusting, careful = mailer_to(f"{url}?starttls=1&verify=0"), mailer_to(f"{url}?starttls=1")

    assert isinstance(await trusting.send(mail()), Accepted)
    assert isinstance(await careful.send(mail(2)), TryLater)
    assert len(office.mails) == 1


async def test_letters_outside_ascii_go_to_servers_that_take_them(
    open_office: Any, mailer_to: Callable[..., Mailer]
) -> None:
    modern, old = await open_office(enable_SMTPUTF8=True), await open_office(enable_SMTPUTF8=False)
    foreign = {"to": "jörg@bücher.example", "to_name": "Jörg"}

    taken = await mailer_to(modern.url).send(mail(**foreign))
    refused = await mailer_to(old.url).send(mail(**foreign))

    assert isinstance(taken, Accepted)
    assert modern.mails[0].rcpt_tos == ["jörg@xn--bcher-kva.example"]
    assert "SMTPUTF8" in modern.mails[0].mail_options
    assert "To: Jörg <jörg@xn--bcher-kva.example>".encode() in modern.mails[0].content
    assert isinstance(refused, Refused)
    assert refused.code is None
    assert not old.mails


async def test_a_check_connects_and_signs_in_and_sends_nothing(office: Any, mailer: Mailer) -> None:
    assert await mailer.check() is None
    assert office.connections == 1
    assert not office.mails


async def test_closing_says_goodbye_and_the_next_mail_connects_again(office: Any, mailer: Mailer) -> None:
    await mailer.send(mail(1))
    await mailer.close()
    await mailer.close()

    assert isinstance(await mailer.send(mail(2)), Accepted)
    assert office.connections == 2


@pytest.mark.parametrize(
    "url",
    [
        "",
        "post.example",
        "http://post.example",
        "smtp://",
        "smtp://:hunter2@",
        "smtp://u:hunter2@post.example:port",
        "smtp://u:hunter2@post.example?tls=1",
        "smtp://u:hunter2@post.example?starttls=maybe",
        "smtps://u:hunter2@post.example?starttls=1",
        "smtp://u:hunter2@[post",
    ],
)
def test_a_wrong_address_of_the_server_is_said_without_its_password(url: str) -> None:
    with pytest.raises(BadSmtpUrl, match="SMTP_URL") as caught:
        Mailer(url)

    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "settings"),
    [
        ("smtp://post.example", (None, False, None, True)),
        ("smtp://post.example:2525?starttls=0", (2525, False, False, True)),
        ("smtp://u:p@post.example:587", (587, False, True, True)),
        ("smtp://u:p@post.example:587?starttls=1&verify=0", (587, False, True, False)),
        ("smtps://u:p@post.example", (None, True, False, True)),
    ],
)
def test_the_servers_address_says_how_to_connect(
    url: str, settings: tuple[int | None, bool, bool | None, bool]
) -> None:
    smtp = Mailer(url)._smtp

    assert (smtp.port, smtp.use_tls, smtp._start_tls_on_connect, smtp.validate_certs) == settings
