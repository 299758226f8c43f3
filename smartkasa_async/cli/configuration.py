"""Settings, read from flags, environment and `smartkasa.toml` in this order, and written into that file."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from smartkasa_async._i18n.translate import LANGUAGES
from smartkasa_async._support.nearest import mistyped_variables
from smartkasa_async._support.network import YES_AND_NO
from smartkasa_async._support.phones import PhoneNumberError, phone_digits
from smartkasa_async.cli.errors import CommandError
from smartkasa_async.cli.messages import _, translated
from smartkasa_async.cli.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartkasa_async.settings import TokenForm, WireSetting

FILE_NAME = "smartkasa.toml"
_PROFILE = re.compile(r"[^\W_][\w.-]{0,63}")
_SECRETS = ("api_key", "password", "telegram_token")


@dataclass(frozen=True, slots=True)
class _Definition:
    """Type, default and choices of a setting.

    Attributes:
        kind: Type of its value.
        default: Its default value.
        choices: Its allowed values; empty for any.
    """

    kind: type[str | int | float]
    default: str | float | None = None
    choices: tuple[str, ...] = ()


SETTINGS: dict[str, _Definition] = {
    "base_url": _Definition(str, "https://core.smartkasa.ua"),
    "phone_number": _Definition(str),
    "wire": _Definition(str, "auto", ("auto", "flat", "enveloped")),
    "token_form": _Definition(str, "bearer", ("bearer", "bare")),
    "timeout": _Definition(float, 60.0),
    "concurrency": _Definition(int, 16),
    "calls_per_second": _Definition(float),
    "proxy": _Definition(str),
    "trust_env": _Definition(bool, True),  # noqa: FBT003  (a value, and no switch)
    "ca_file": _Definition(str),
    "late_write_window": _Definition(float, 15.0),
    "store": _Definition(str, "smartkasa.sqlite"),
    "fleet_key_file": _Definition(str),
    "secrets": _Definition(str, "auto", ("auto", "keyring", "file")),
    "lang": _Definition(str, None, LANGUAGES),
}
"""All settings by their name in the file; the variable is SMARTKASA_ and the name in capitals."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting's value and its source.

    Attributes:
        value: The value, of the setting's type.
        source: The flag, the variable, the file and its table, or `default`.
    """

    value: Any
    source: str


@dataclass(frozen=True, slots=True)
class Configuration:
    """The settings of one run.

    Attributes:
        profile: Name of the profile; `default` if none is chosen.
        profile_source: Where that choice comes from.
        path: The file that was read, or None.
        found: Every setting by its name.
        is_untrusted: Whether the file was only found in the working folder, where anybody may have put it.
    """

    profile: str
    profile_source: str
    path: Path | None
    found: Mapping[str, Setting] = field(repr=False)
    is_untrusted: bool = False

    @property
    def base_url(self) -> str:
        """Address of the service."""
        return str(self.found["base_url"].value)

    @property
    def phone_number(self) -> str | None:
        """Phone number to log in with."""
        value: str | None = self.found["phone_number"].value
        return value

    @property
    def wire(self) -> WireSetting:
        """Form of request bodies."""
        value: WireSetting = self.found["wire"].value
        return value

    @property
    def token_form(self) -> TokenForm:
        """Form of tokens."""
        value: TokenForm = self.found["token_form"].value
        return value

    @property
    def timeout(self) -> float:
        """Total timeout per call, in seconds."""
        return float(self.found["timeout"].value)

    @property
    def concurrency(self) -> int:
        """Maximum concurrent requests."""
        return int(self.found["concurrency"].value)

    @property
    def calls_per_second(self) -> float | None:
        """Maximum requests per second; None for no limit."""
        value = self.found["calls_per_second"].value
        return None if value is None else float(value)

    @property
    def proxy(self) -> str | None:
        """Address of the proxy, with its password if it needs one."""
        value: str | None = self.found["proxy"].value
        return value

    @property
    def trust_env(self) -> bool:
        """Whether the environment may name a proxy."""
        return bool(self.found["trust_env"].value)

    @property
    def ca_file(self) -> str | None:
        """File of certificates to trust besides the system's."""
        value: str | None = self.found["ca_file"].value
        return value

    @property
    def late_write_window(self) -> float:
        """Seconds in which a request whose answer was lost may still take effect."""
        return float(self.found["late_write_window"].value)

    @property
    def store(self) -> str:
        """Path or address of the store."""
        return str(self.found["store"].value)

    @property
    def fleet_key_file(self) -> str | None:
        """File of the fleet's master keys."""
        value: str | None = self.found["fleet_key_file"].value
        return value

    @property
    def secrets(self) -> Literal["auto", "keyring", "file"]:
        """Where secrets are stored."""
        value: Literal["auto", "keyring", "file"] = self.found["secrets"].value
        return value

    @property
    def untrusted_address(self) -> str | None:
        """The address of the service, if it comes from a file that was only found in the working folder."""
        return self.base_url if self._is_untrusted("base_url") else None

    @property
    def untrusted_ca_file(self) -> str | None:
        """The file of certificates, if it comes from such a file."""
        return self.ca_file if self._is_untrusted("ca_file") else None

    def _is_untrusted(self, name: str) -> bool:
        source = self.found[name].source
        return self.is_untrusted and self.path is not None and source.startswith(f"{self.path}")

    def is_set(self, name: str) -> bool:
        """Return whether a flag, the environment or the file sets it."""
        return self.found[name].source != "default"


def configuration_file(named: str | None = None) -> Path | None:
    """Find the configuration file.

    Args:
        named: Value of `--config`; else SMARTKASA_CONFIG, the working folder and the user's folder are tried.

    Raises:
        CommandError: The named file does not exist.
    """
    named = named or os.environ.get("SMARTKASA_CONFIG")
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise CommandError(_("There is no configuration file {file}", file=path))
        return path
    here = Path(FILE_NAME)
    if here.is_file():
        return here
    from platformdirs import user_config_path  # noqa: PLC0415  (not needed where the file lies at hand)

    users = user_config_path("smartkasa", appauthor=False) / FILE_NAME
    return users if users.is_file() else None


def read_configuration(
    flags: Mapping[str, str] | None = None, *, profile: str | None = None, file: str | None = None
) -> Configuration:
    """Read all settings.

    Args:
        flags: Settings from the command line, by name, as text.
        profile: Value of `--profile`.
        file: Value of `--config`.

    Raises:
        CommandError: A name is unknown or a value is wrong; names where.
    """
    path = configuration_file(file)
    document = {} if path is None else read_toml(path)
    profiles = document.pop("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(table, dict) for table in profiles.values()):
        raise CommandError(_("{file}: profiles is not made of tables; write [profiles.NAME]", file=path))
    chosen, source = _chosen(profile, document.pop("profile", None), path)
    if chosen not in profiles and chosen != "default" and profiles:
        names = ", ".join(profiles)
        message = _("There is no profile {name} in {file}, which has {names}", name=chosen, file=path, names=names)
        raise CommandError(message, hint=did_you_mean(chosen, profiles))
    found = {name: Setting(kind.default, "default") for name, kind in SETTINGS.items()}
    if chosen != "default":  # a sync marks what its account does not list as deleted, also what is another account's
        found["store"] = Setting(f"smartkasa-{chosen}.sqlite", "default")
    found |= _of_table(document, f"{path}", "")
    for name, table in profiles.items():
        values = _of_table(table, f"{path}", f"profiles.{name}.")
        if name == chosen:
            found |= {key: Setting(value.value, f"{path} [profiles.{name}]") for key, value in values.items()}
    for name in SETTINGS:
        variable = f"SMARTKASA_{name.upper()}"
        if text := os.environ.get(variable):
            found[name] = Setting(_of_text(name, text, variable), variable)
    found |= {name: _of_flag(name, text) for name, text in (flags or {}).items()}
    is_untrusted = path == Path(FILE_NAME) and not (file or os.environ.get("SMARTKASA_CONFIG"))
    return Configuration(chosen, source, path, found, is_untrusted)


def unknown_variables() -> list[tuple[str, str]]:
    """List mistyped variables of the environment, each with the likely name."""
    return mistyped_variables((*SETTINGS, *_SECRETS, "config", "profile", "fleet_keys"))


def read_toml(path: Path) -> dict[str, Any]:
    """Read a configuration file.

    Raises:
        CommandError: It cannot be read.
    """
    import tomllib  # noqa: PLC0415  (not needed where there is no file)

    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise CommandError(_("{file} is not TOML: {reason}", file=path, reason=error)) from None
    except UnicodeDecodeError:
        raise CommandError(_("{file} is not UTF-8; save it again as UTF-8", file=path)) from None


def _chosen(flag: str | None, in_file: object, path: Path | None) -> tuple[str, str]:
    """Return the chosen profile and the source of the choice."""
    if in_file is not None and not (in_file and isinstance(in_file, str)):
        raise CommandError(_('{file}: profile is no name; write profile = "NAME"', file=path))
    variable = os.environ.get("SMARTKASA_PROFILE")
    name, source = "default", "default"
    for value, who in ((in_file, f"{path}"), (variable, "SMARTKASA_PROFILE"), (flag, "--profile")):
        if value:
            name, source = value, who
    if not _PROFILE.fullmatch(name):
        raise CommandError(_("{name} is no name for a profile; use letters, digits, - and _", name=repr(name)))
    return name, source


def _of_table(table: Mapping[str, Any], file: str, prefix: str) -> dict[str, Setting]:
    found = {}
    for name, value in table.items():
        if name in _SECRETS:
            text = _(
                "{file}: {key} is a secret, and files are copied; remove it and run: {command}",
                file=file,
                key=prefix + name,
                command="smartkasa relay token" if name == "telegram_token" else "smartkasa login",
            )
            raise CommandError(text)
        if name not in SETTINGS:
            raise _unknown(file, prefix, name)
        kind = SETTINGS[name].kind
        fits = isinstance(value, (int, float) if kind is float else kind) and isinstance(value, bool) == (kind is bool)
        if fits and _contains_secret(name, value):
            raise CommandError(_with_secret(f"{file}: {prefix}{name}"))
        if not fits or not _allowed(name, value):
            raise CommandError(_wrong(f"{file}: {prefix}{name}", value, name))
        found[name] = Setting(_written(f"{file}: {prefix}{name}", name, value), file)
    return found


def _written(where: str, name: str, value: Any) -> Any:
    """Normalise a setting for the client: a phone number has many forms."""
    if name != "phone_number":
        return value
    try:
        return phone_digits(value)
    except PhoneNumberError as error:
        text = _("{where} cannot be used: {reason}", where=where, reason=translated(error.reason))
        raise CommandError(text) from None


def _of_flag(name: str, text: str) -> Setting:
    if name not in SETTINGS:
        raise _unknown("--set", "", name)
    if _contains_secret(name, text):
        raise CommandError(_with_secret(f"--set {name}"))
    return Setting(_of_text(name, text, f"--set {name}"), "flag")


def _of_text(name: str, text: str, where: str) -> str | float:
    kind = SETTINGS[name].kind
    try:
        value = YES_AND_NO[text.lower()] if kind is bool else kind(text)
    except (KeyError, ValueError):
        raise CommandError(_wrong(where, text, name)) from None
    if not _allowed(name, value):
        raise CommandError(_wrong(where, text, name))
    written: str | float = _written(where, name, value)
    return written


def _allowed(name: str, value: str | float) -> bool:
    setting = SETTINGS[name]
    if setting.choices:
        return value in setting.choices
    if isinstance(value, bool):
        return True
    return value != "" if isinstance(value, str) else 0 < value < float("inf")


def _contains_secret(name: str, value: object) -> bool:
    """Return whether a setting contains a password, as the address of a proxy may."""
    return name == "proxy" and "@" in str(value)


def _with_secret(where: str) -> str:
    return _(
        "{where} contains a user or a password, which others could see; remove them, and set SMARTKASA_PROXY",
        where=where,
    )


def _wrong(where: str, value: object, name: str) -> str:
    setting = SETTINGS[name]
    if setting.choices:
        wanted = _("one of {choices}", choices=", ".join(setting.choices))
    elif setting.kind is bool:
        wanted = _("true or false")
    elif setting.kind is str:
        wanted = _("a text in quotes that is not empty")
    else:
        wanted = _("a whole number above 0") if setting.kind is int else _("a number above 0")
    return _("{where} is {value}; give {wanted}", where=where, value=repr(value), wanted=wanted)


def _unknown(where: str, prefix: str, name: str) -> CommandError:
    names = ", ".join(SETTINGS)
    message = _("{where}: there is no setting {key}; there are {names}", where=where, key=prefix + name, names=names)
    known = [*SETTINGS, *(("profile", "profiles") if not prefix and where != "--set" else ())]
    return CommandError(message, hint=did_you_mean(name, known))
