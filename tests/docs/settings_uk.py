"""Ukrainian texts of docs/uk/settings.md; `settings_uk.json` has those of what docstrings say."""

from __future__ import annotations

import json
from pathlib import Path

__all__ = ["COMMAND_LINE", "COMMAND_LINE_HEAD", "HEAD", "MEANINGS", "TITLES"]

HEAD = """\
# Налаштування

Налаштування та їхні типові значення: змінні середовища, клієнт, імпорт, синхронізація і звіти, база, пісочниця й
командний рядок. Аргументи решти функцій — у [довіднику](README.md#довідник). Цю сторінку записує
`python -m tests.docs.settings_page` із сигнатур і docstring.

Англійською: [Settings](../settings.md).

## Змінні середовища

| змінна | значення |
| --- | --- |
| `SMARTKASA_API_KEY` | ключ інтеграції |
| `SMARTKASA_PHONE_NUMBER` | номер телефону для входу |
| `SMARTKASA_PASSWORD` | пароль для входу |
| `SMARTKASA_BASE_URL` | адреса сервісу; http дозволено лише на локальній машині |
| `SMARTKASA_PROXY` | проксі, через який іде https, `http://user:password@host:port` |
| `SMARTKASA_TRUST_ENV` | `false`: не зважати на наступний рядок |
| `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` | теж проксі й адреси, яким він не потрібен; назви можна й малими літерами |
| `SMARTKASA_CA_FILE` | сертифікати (PEM), яким довіряти, крім системних |
| `SSL_CERT_FILE`, `SSL_CERT_DIR` | де OpenSSL шукає системні сертифікати |

Клієнт читає їх, якщо не задано однойменного аргументу. Пісочниця, запущена з терміналу, бере перші три за свої, якщо їх
задано.
"""

TITLES = {
    "The client": "Клієнт",
    "Price lists and counts": "Прайс-листи й залишки",
    "Receipts": "Чеки",
    "Reports": "Звіти",
    "The relay": "Пересилання подій",
    "The store": "База",
    "The sandbox": "Пісочниця",
}

MEANINGS: dict[str, str] = json.loads(Path(__file__).with_name("settings_uk.json").read_text("utf-8"))

COMMAND_LINE = {
    "base_url": "адреса сервісу",
    "phone_number": "номер телефону для входу",
    "wire": "форма тіла запитів: `flat`, `enveloped` або `auto`, яка починає з плаского запису й зберігає в"
    " профілі форму, якої вимагає сервіс; яку форму він приймає, каже `smartkasa doctor`, а"
    " `smartkasa doctor --write` записує її сюди",
    "token_form": "форма токенів: `bearer` або `bare`, без слова Bearer; так само `smartkasa doctor`",
    "timeout": "скільки секунд загалом може тривати один виклик",
    "concurrency": "скільки запитів щонайбільше виконується водночас",
    "calls_per_second": "скільки запитів щонайбільше надсилається за секунду; якщо не задано, без обмеження",
    "proxy": "проксі, через який іде https, `http://host:port`; проксі з іменем користувача й паролем задає лише"
    " SMARTKASA_PROXY",
    "trust_env": "чи зважати на HTTPS_PROXY, ALL_PROXY і NO_PROXY: `true` або `false`",
    "ca_file": "сертифікати (PEM), яким довіряти, крім системних",
    "late_write_window": "скільки секунд сервіс іще може виконувати надіслане й показувати його у списках, для імпорту,"
    " залишків і передавання чеків; `smartkasa doctor --write-test` вимірює, наскільки запізнюються списки",
    "store": "база синхронізованих чеків: шлях до файлу SQLite або адреса SQLAlchemy; `smartkasa-NAME.sqlite` для "
    "профілю, іншого за `default`. Кожному обліковому запису дайте власну базу: чого в ньому немає, те позначається "
    "видаленим",
    "fleet_key_file": "файл головних ключів флоту, який може читати лише власник; якщо не задано,"
    " `fleet.keys` у теці налаштувань користувача. SMARTKASA_FLEET_KEYS із самими ключами має перевагу",
    "secrets": "де `smartkasa login` зберігає секрети: `file`, `keyring` (будь-яке сховище, яке знаходить пакет"
    " `keyring`) або `auto`, тобто сховище, яке він радить, інакше файл",
    "lang": "мова повідомлень: `uk` або `en`; якщо не задано, мова системи",
}

COMMAND_LINE_HEAD = """\
## Командний рядок

Від найсильнішого до найслабшого: параметри команди (`--set НАЗВА=ЗНАЧЕННЯ`; деякі мають власний параметр), змінні
середовища (`SMARTKASA_` і назва великими літерами), таблиця профілю у файлі налаштувань, верхня частина файлу, те, що
зберегла команда `smartkasa login`, і типове значення. Файл — той, який називає `--config` або `SMARTKASA_CONFIG`,
інакше `smartkasa.toml` у робочій теці, інакше той, що в теці користувача. `--profile` або `SMARTKASA_PROFILE` вибирає
`[profiles.НАЗВА]`. Невідома назва — помилка, і так само ключ чи пароль у файлі. Порожня змінна — те саме, що не задана;
порожній параметр команди чи порожній текст у файлі — помилка.
Ключ і пароль зі змінних середовища не надсилаються на адресу, яку задає `smartkasa.toml` у робочій теці, якщо цього
файлу не названо в `--config` чи `SMARTKASA_CONFIG`; його `ca_file` теж не діє.

<!-- file: smartkasa.toml -->
```toml
store = "receipts.sqlite"
calls_per_second = 10

[profiles.second]
store = "second.sqlite"
lang = "uk"
```

Тека налаштувань користувача — `~/.config/smartkasa`. Облікові дані й токени, які зберігає `smartkasa login`, журнали й
контрольні точки лежать у `~/.local/state/smartkasa`, яку може читати лише користувач. У macOS обидві —
`~/Library/Application Support/smartkasa`, у Windows — `%LOCALAPPDATA%\\smartkasa`.

`SMARTKASA_TELEGRAM_TOKEN` — токен бота для `smartkasa watch --to telegram`; він має перевагу над тим, який зберегла
`smartkasa relay token`.

Ураховуються також `NO_COLOR` (без кольорів), `COLUMNS` (ширина, якщо терміналу немає), `TERM=dumb` (без рухомих смуг)
і `LC_ALL`, `LC_MESSAGES`, `LANG` (українська, якщо починаються з `uk`).

`smartkasa whoami` показує кожне налаштування і звідки воно взялося:

```sh
smartkasa whoami --profile second
```
"""
