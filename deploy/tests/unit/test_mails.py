"""Reading links and attachments out of mails."""

from email.message import EmailMessage
from pathlib import Path

from kontor_launcher.story.mails import attachments, in_folder, link_to, recipients


def _mail(to: str, text: str, name: str | None = None) -> EmailMessage:
    mail = EmailMessage()
    mail["To"] = f"Seraina Caduff <{to}>"
    mail["Subject"] = "Offerte"
    mail.set_content(text)
    if name:
        mail.add_attachment(b"%PDF-", maintype="application", subtype="pdf", filename=name)
    return mail


FIRST = _mail("a@bergwerk.example", "https://studio.example/quotes/respond/" + "a" * 43)
SECOND = _mail("a@bergwerk.example", "https://studio.example/quotes/respond/" + "b" * 43, "Q-2026-0001.pdf")
OTHERS = _mail("z@bergwerk.example", "https://studio.example/quotes/respond/" + "z" * 43)


def test_the_newest_link_of_the_address_counts() -> None:
    assert link_to(lambda: [FIRST, SECOND, OTHERS], "a@bergwerk.example", "/quotes/respond/") == "b" * 43


def test_without_such_a_mail_there_is_no_link() -> None:
    assert link_to(lambda: [OTHERS], "a@bergwerk.example", "/quotes/respond/") is None
    assert link_to(lambda: [FIRST], "a@bergwerk.example", "/contracts/sign/") is None


def test_recipients_and_attachments() -> None:
    assert recipients(SECOND) == {"a@bergwerk.example"}
    assert attachments(SECOND) == {"Q-2026-0001.pdf": b"%PDF-"}


def test_a_folder_of_eml_files_is_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "2026").mkdir()
    (tmp_path / "2026/one.eml").write_bytes(bytes(FIRST))
    (tmp_path / "two.eml").write_bytes(bytes(SECOND))
    assert len(in_folder(tmp_path)()) == 2
    assert in_folder(tmp_path / "nowhere")() == []
