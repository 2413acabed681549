"""All that an operator can choose, with its defaults. From where it is read: `settings_sources`."""

from enum import StrEnum
from typing import Annotated, Final, Literal

import msgspec

OWN: Final = (
    "title", "description", "contact_email", "languages", "look.accent", "look.icon", "look.banner",
    "look.picture", "front.timelines", "front.welcome", "front.popular", "front.trends",
    "digest.lists", "sign_up.mode", "sign_up.question", "sign_up.closed", "sign_up.minimum_age", "trends.enabled",
    "trends.review", "moderation.show_domain_blocks", "moderation.doubles", "moderation.golden",
    "moderation.jury",
)  # fmt: skip
"""What can also be chosen on the pages of those who run the place, where neither file, environment nor command line
say anything of it."""
Count = Annotated[int, msgspec.Meta(ge=1)]


class SignUpMode(StrEnum):
    OPEN = "open"
    APPROVAL = "approval"
    INVITE = "invite"
    CLOSED = "closed"


class SignUp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    mode: SignUpMode = SignUpMode.OPEN
    confirm_email: bool = True
    minimum_age: Annotated[int, msgspec.Meta(ge=0, le=120)] = 16
    question: str = ""
    """What people are asked who want an account; empty: why they want to join."""
    closed: str = ""
    """What is said to them while nobody is let in."""


Sign = Literal["large", "small", "apple", "tiny", "maskable"]
"""The sizes of an icon, by what they are for."""


class Look(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`icon`, `banner` and `picture` are names of files in the store; empty: those that come with the program."""

    accent: Annotated[str, msgspec.Meta(pattern="^(#[0-9a-f]{6})?$")] = ""
    """The colour of what can be pressed; empty: the program's own."""
    icon: str = ""
    banner: str = ""
    picture: str = ""
    """What is shown with links to the place."""

    def sign(self, name: Sign) -> str:
        """The key of the icon in one of its sizes; empty where there is none of the place's own."""
        return f"{self.icon.rpartition('/')[0]}/{name}.png" if self.icon else ""

    def small_banner(self) -> str:
        """The key of the banner's smaller copy; empty where there is none."""
        folder, _, name = self.banner.rpartition("/")
        return f"{folder}/small.{name.removeprefix('banner.')}" if name.startswith("banner.") else ""


class Front(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    timelines: bool = True
    """Strangers may read what everybody here writes, as a list; single posts can be read either way."""
    welcome: str = ""
    """What is said to strangers below the name: paragraphs of plain text."""
    popular: bool = True
    """The front page shows posts that many like."""
    trends: bool = True
    """And hashtags and links that many talk about."""


class Digest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lists: tuple[Literal["follows", "popular", "announcements"], ...] = ("follows", "popular", "announcements")
    """Of what people can have themselves told by the day or the week; empty: there are no such messages."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    status_characters: Count = 1000
    media_attachments: Annotated[int, msgspec.Meta(ge=0)] = 4
    poll_options: Annotated[int, msgspec.Meta(ge=2)] = 4
    poll_option_characters: Count = 50
    poll_shortest: Count = 300
    poll_longest: Count = 2_629_746
    """Seconds."""
    image_bytes: Count = 16 * 1024 * 1024
    image_pixels: Count = 50_000_000
    video_bytes: Count = 100 * 1024 * 1024
    video_pixels: Count = 4096 * 2304
    """Of a frame, as it is sent; larger ones than 1920x1080 are made smaller."""
    video_frame_rate: Count = 240
    """Frames a second, as they are sent; what is over 60 is left out."""
    video_seconds: Count = 15 * 60
    audio_bytes: Count = 100 * 1024 * 1024
    audio_seconds: Count = 3 * 60 * 60
    media_tracks: Count = 16
    """Of a file: pictures, sound, subtitles, whatever else cameras put in."""
    media_in_work: Count = 10
    """Files of one account that are waiting or being worked on."""
    body_bytes: Count = 1024 * 1024
    per_account: Count = 1500
    """Requests in five minutes by one signed-in account."""
    per_address: Count = 300
    """Requests in five minutes by one address without a token."""
    pictures_per_account: Count = 60
    """Pictures that one account may send in five minutes: each takes a second or more of a processor."""

    def body(self, pictures: int, media: int) -> int:
        """Bytes of a request that may bring so many files."""
        return self.body_bytes + pictures * self.image_bytes + media * max(self.video_bytes, self.audio_bytes)


class Auth(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    password_grant: bool = False
    session_days: Count = 90


class MailServer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str = ""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = 587
    username: str = ""
    password: str = ""
    tls: Literal["starttls", "tls", "none"] = "starttls"


class Dkim(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Without a `key_file` messages are not signed here; the mail server may do it."""

    selector: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$")] = "townsquare"
    key_file: str = ""


class Mail(MailServer, frozen=True, forbid_unknown_fields=True):
    """Without a `host` messages are written to the log instead of sent."""

    sender: str = ""
    dkim: Dkim = Dkim()
    fallback: MailServer = MailServer()
    """At another supplier: what the first cannot take goes there."""


class Bucket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    """`s3://bucket/prefix`, `gs://…`, `az://…`, or a folder."""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""


class Storage(Bucket, frozen=True, forbid_unknown_fields=True):
    """Without a `url` files are kept in the folder `media` of the data folder."""

    fallback: Bucket = Bucket()
    """At another supplier: files are kept in both, and come from whichever works."""
    signed: bool = False
    """Whoever asks for a file is sent to the store, with an address that holds for an hour."""
    public_url: str = ""
    """Whoever asks for a file is sent there: where the store, or a network of caches, gives files out to everybody."""


class Metrics(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    token: str = ""
    """With it `/metrics` can be read from anywhere; without it from this machine only."""


class Push(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    private_networks: tuple[str, ...] = ()
    """Networks of one's own in which push services may be; else only the open Internet is reached."""


class Web(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    trusted_proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    """Addresses and networks whose `X-Forwarded-For` is believed."""


class Misuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when on somebody is warned, and then suspended from reporting or appealing."""

    reports: Annotated[int, msgspec.Meta(ge=0)] = 10
    """So many clearly unfounded reports bring a warning; 0: never."""
    reports_then: Count = 5
    """So many more after it a suspension."""
    appeals: Annotated[int, msgspec.Meta(ge=0)] = 5
    appeals_then: Count = 3
    share: Annotated[int, msgspec.Meta(ge=1, le=100)] = 80
    """Of a hundred that were decided, so many must be unfounded."""
    days: Count = 30
    """For so long somebody is suspended."""
    span_days: Count = 90
    """What is longer ago does not count."""


class Moderation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    checkpoints: tuple[str, ...] = ()
    """Folders and stores of objects elsewhere, in which a signed checkpoint of the audit log is laid down each hour."""
    show_domain_blocks: Literal["all", "users", "nobody"] = "all"
    """Who may see which other servers are limited or suspended here, and what is said of it in public."""
    strike_days: Count = 90
    """For so long a strike counts."""
    strikes: Annotated[int, msgspec.Meta(ge=0)] = 3
    """At each so many that count, the posts of somebody are held and looked at; 0: never."""
    exposure_budget: Count = 60
    """Cases of the worst kind that one of the staff is given in a day; then they are given lighter ones."""
    doubles: Annotated[int, msgspec.Meta(ge=0, le=50)] = 10
    """Per cent of decided cases that are put to somebody else too, who does not know."""
    golden: Annotated[int, msgspec.Meta(ge=0, le=50)] = 3
    """Per cent of the cases that somebody is given whose answer is known."""
    evidence_days: Annotated[int, msgspec.Meta(ge=189)] = 190
    """For so long after a decision what was reported is kept sealed; longer where a policy says so (`preserve`).

    Not shorter than appeals are open.
    """
    misuse: Misuse = Misuse()
    jury: bool = False
    """People of the place who are drawn by lot say what they think of decisions that somebody appeals against."""


class Deadlines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Hours from a notice to the decision, by who gives it and what it is about; the shortest counts."""

    violence: Count = 1
    terrorist: Count = 1
    children: Count = 1
    host: Count = 24
    store: Count = 24
    authority: Count = 24
    flagger: Count = 24
    rights_holder: Count = 72
    intimate: Count = 48
    other: Count = 168


class Notices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    deadlines: Deadlines = Deadlines()
    per_address: Count = 10
    """Notices by form in five minutes from one address."""
    hosts: tuple[str, ...] = ()
    """Addresses (`abuse@host.example`) and domains from which mail is that of a host."""
    stores: tuple[str, ...] = ()
    """The same of app stores."""
    authorities: tuple[str, ...] = ()
    flaggers: tuple[str, ...] = ()
    """Trusted flaggers (Digital Services Act, article 22)."""
    rights_holders: tuple[str, ...] = ()
    authenticated_by: str = ""
    """The name under which a mail server of the place writes whether a message is authentic (RFC 8601)."""
    folder: str = ""
    """Where another mail server lays down messages: a Maildir, or a folder of files."""
    smtp_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 0
    """Where notices are taken by SMTP; 0: they are not."""
    smtp_host: str = "127.0.0.1"
    """On which address of this machine."""
    message_bytes: Count = 25 * 1024 * 1024
    attach_bytes: Annotated[int, msgspec.Meta(ge=0)] = 5 * 1024 * 1024
    """Evidence up to this size goes out with the answer; what is larger is fetched by the link."""


class Federation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    limited: bool = False
    """Nothing to do with servers that are not allowed by name."""


class Home(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    push_bound: Count = 20_000
    """An author with more local followers than this, or a hashtag, is pulled in when a timeline is read."""
    length: Count = 800
    """Posts that a home timeline keeps."""
    dormant_days: Count = 30
    """After so many days without a visit no more posts are pushed; they are fetched on return."""


class Outside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    allow: tuple[str, ...] = ()
    """Networks of one's own that pages may be fetched from, beside the open Internet."""
    cards: bool = True
    """Links in posts are looked at, and shown with title and picture."""


class Translation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    url: str = ""
    """Of a LibreTranslate, without `/translate`; empty: nothing is translated."""
    api_key: str = ""


class Trends(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    enabled: bool = True
    review: bool = True
    """Nothing trends before the staff have looked at it: hashtag, link or its publisher, post or its author."""
    accounts: Count = 5
    """So many people of a day make a trend."""


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    file: str = ""
    """Where the keys stand with which things are sealed and signed; empty: `keys.json` in the data folder."""


class Standby(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    missing: Literal["refuse", "degrade"] = "refuse"
    """What becomes of writes with `durability = "remote"` while no standby is there: they are refused, or stand on this
    host alone until one is there again."""
    folder: str = ""
    """Where this host keeps what it knows of the others; empty: `standby` in the data folder."""


class Database(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    binaries: str = ""
    """Folder that holds `initdb`, `pg_ctl` and `postgres`; empty: searched for."""
    connections: Count = 8
    """Connections of each process."""


class Archive(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where it goes is said to `townsquare archive init`, and stands in the data folder."""

    base_hours: Count = 24
    """Between two base backups."""
    full_days: Count = 7
    """Between two that are of everything; the others are of what changed since the one before."""
    keep_days: Count = 14
    """For so long every moment can be come back to."""
    test: bool = True
    """The host tests by itself whether it can be restored. For that it keeps a key, which opens what was archived since
    the last full base backup; without, `townsquare archive verify --key` tests."""
    test_days: Count = 7
    """Between two of these tests."""
    spool_megabytes: Count = 4096
    """Of the database's log that wait on the disk here for a target that does not take them; then it begins anew."""
    source: str = ""
    """Address of the database for a role that may replicate; empty: `database_url`, or the one in the data folder."""


class Log(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"
    """`auto`: text on a terminal, JSON elsewhere."""
    requests: bool = False
    """A line for each request, not only for the failed ones."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that an operator can choose."""

    public_url: str = ""
    """Where people reach the service; empty: where it listens."""
    former_urls: tuple[str, ...] = ()
    """Where they reached it before, and still do. `townsquare domain switch` keeps them by itself."""
    next_url: str = ""
    """Where they will: told beforehand, signed. `townsquare domain add` keeps it by itself."""
    database_url: str = ""
    """Empty: PostgreSQL is run in the data folder."""
    title: str = "Townsquare"
    description: str = "A town square of our own."
    contact_email: str = ""
    languages: tuple[str, ...] = ("en",)
    look: Look = Look()
    front: Front = Front()
    digest: Digest = Digest()
    sign_up: SignUp = SignUp()
    limits: Limits = Limits()
    auth: Auth = Auth()
    mail: Mail = Mail()
    storage: Storage = Storage()
    metrics: Metrics = Metrics()
    web: Web = Web()
    push: Push = Push()
    home: Home = Home()
    outside: Outside = Outside()
    translation: Translation = Translation()
    trends: Trends = Trends()
    moderation: Moderation = Moderation()
    notices: Notices = Notices()
    federation: Federation = Federation()
    durability: Literal["local", "remote"] = "local"
    """Where what was acknowledged stands: on this host, or on a standby too (posts and files alike)."""
    standby: Standby = Standby()
    database: Database = Database()
    keys: Keys = Keys()
    archive: Archive = Archive()
    log: Log = Log()
    development: bool = False
    """There are pages for those who work on the program: /styleguide."""

    @property
    def domain(self) -> str:
        """Host, with a port that is not the scheme's own: the part after the @ in a handle."""
        return self.public_url.partition("://")[2].partition("/")[0]

    @property
    def domains(self) -> tuple[str, ...]:
        """This one and those of before: a handle of this place may name any of them."""
        return tuple(url.partition("://")[2].partition("/")[0] for url in (self.public_url, *self.former_urls))

    @property
    def urls(self) -> tuple[str, ...]:
        """The same as addresses: what begins with any of them is of this place."""
        return (self.public_url, *self.former_urls)
