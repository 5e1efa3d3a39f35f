"""What the client area has besides people: tags, media files, talk options. Invented, and the same for every company."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tag:
    id: int
    name: str
    is_system: bool = False


@dataclass(frozen=True, slots=True)
class MediaFile:
    """`type`: "system" files come with the PBX, "user" files were uploaded."""

    id: int
    name: str
    duration: int
    type: str


@dataclass(frozen=True, slots=True)
class TalkOption:
    """`tag_id`: what tag_call puts on the call. run_scenario runs the first scenario of the company."""

    button: str
    mnemonic: str
    name: str
    tag_id: int | None = None


TAGS = {
    each.id: each
    for each in (
        Tag(254, "Relevant"),
        Tag(255, "Not relevant"),
        Tag(256, "Call back"),
        Tag(257, "Complaint"),
        Tag(258, "Repeat call", is_system=True),
    )
}
MEDIA_FILES = {
    each.id: each
    for each in (
        MediaFile(2701, "Dialing music", 60, "system"),
        MediaFile(2702, "Please hold the line", 4, "system"),
        MediaFile(2561, "Welcome to Acme", 6, "user"),
        MediaFile(237, "Your order is on its way", 5, "user"),
    )
}
TALK_OPTIONS = {
    each.button: each
    for each in (
        TalkOption("1", "tag_call", "Tag", tag_id=254),
        TalkOption("2", "record_talk", "Voice recorder"),
        TalkOption("3", "call_coach", "Call coach"),
        TalkOption("4", "run_scenario", "Run scenario"),
        TalkOption("0", "finish_conversation", "Finish conversation"),
    )
}
