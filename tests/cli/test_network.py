"""Commands in the network of a company: its proxy, its own authority, and who may say whom to trust."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from smartkasa_async.sandbox import Sandbox, Simulation, simulate
from tests.support.commandline import Result
from tests.support.connect_proxy import HOST, Authority, proxying
from tests.support.processes import finished
from tests.support.service import answer, serve
from tests.support.warm_server import warm_python

if TYPE_CHECKING:
    from tests.support.commandline import Cli

_PASSWORD = "p@ss-w0rd-s3cret"
_REFUSED = answer({"errors": {"base": ["no such user"]}}, 401)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"API_KEY": "key-s3cret", "PHONE_NUMBER": "380971234567", "PASSWORD": "password-s3cret"}
    for name, value in {**values, "BASE_URL": f"https://{HOST}"}.items():
        monkeypatch.setenv(f"SMARTKASA_{name}", value)


async def _run(*words: str, **environment: str) -> Result:
    command = [warm_python(), "-m", "smartkasa_async", *words]
    ended = await asyncio.to_thread(finished, command, env=os.environ | environment)
    return Result(ended.returncode, ended.stdout, ended.stderr)


def _statuses(result: Result) -> dict[str, Any]:
    return {check["name"]: check["status"] for check in result.document["checks"]}


def _write(name: str, proxy: str, authority: Authority) -> None:
    Path(name).write_text(f'proxy = "{proxy}"\nca_file = {json.dumps(str(authority.file))}\n', "utf-8")


async def test_all_settings_come_from_the_environment(authority: Authority) -> None:
    async with (
        serve(_REFUSED, tls=authority.server()) as service,
        proxying(service.url, credentials=f"till:{_PASSWORD}") as proxy,
    ):
        given = {"HTTPS_PROXY": proxy.named("till:p%40ss-w0rd-s3cret"), "SMARTKASA_CA_FILE": str(authority.file)}
        listed, checked = await asyncio.gather(_run("shops", "list", **given), _run("doctor", "--json", **given))
    assert listed.code == 4
    assert "does not permit" in listed.err
    assert _statuses(checked)["address"] == _statuses(checked)["tls"] == "ok"
    assert f"through the proxy {proxy.address}" in checked.out
    assert _PASSWORD not in f"{listed}{checked}"
    assert set(proxy.asked) == {f"CONNECT {HOST}:443 HTTP/1.1"}
    assert b"s3cret" not in proxy.seen


async def test_a_proxy_that_refuses_is_told_with_what_to_do(authority: Authority) -> None:
    async with serve(b"") as service, proxying(service.url, credentials=f"till:{_PASSWORD}") as proxy:
        given = {"SMARTKASA_PROXY": proxy.named("till:other-s3cret")}
        listed, checked = await asyncio.gather(_run("shops", "list", **given), _run("doctor", "--json", **given))
    assert (listed.code, checked.code) == (3, 3)
    assert "407" in listed.err
    assert "SMARTKASA_PROXY" in listed.err
    assert _statuses(checked) == {"address": "fail"}
    assert "407" in checked.document["checks"][0]["message"]
    assert "other-s3cret" not in f"{listed}{checked}"


async def test_a_file_that_is_named_says_all(authority: Authority) -> None:
    async with serve(_REFUSED, tls=authority.server()) as service, proxying(service.url) as proxy:
        _write("company.toml", proxy.url, authority)
        listed = await _run("shops", "list", "--config", "company.toml")
        assert (listed.code, len(proxy.asked)) == (4, 1)
        direct = await _run("shops", "list", "--set", "trust_env=false", HTTPS_PROXY=proxy.url)
    assert (direct.code, len(proxy.asked)) == (3, 1)


_FEED = """<yml_catalog><shop><offers>
<offer id="1"><name>Кава</name><price>189.90</price><barcode>4823012345039</barcode><count>7</count></offer>
<offer id="2"><name>Чай</name><price>дорого</price><barcode>4823012345046</barcode></offer>
</offers></shop></yml_catalog>""".encode()


async def test_price_lists_are_imported_by_their_link(environment: Sandbox) -> None:
    async with serve(answer(_FEED)) as service:
        link = f"{service.url}/feed.xml?token=s3cret"
        imported = await _run("products", "import", link, "--json")
    assert (imported.code, imported.document["created"], imported.document["rejected"]) == (1, 1, 1)
    assert imported.document["file"] == f"{service.url}/feed.xml"
    assert imported.document["rejected_file"] == "feed.rejected.csv"
    assert [row["number"] for row in environment.rows("products")] == ["4823012345039"]
    missed = await _run("products", "import", link)
    assert (missed.code, "could not be fetched" in missed.err) == (3, True)
    plain = await _run("products", "import", "http://shop.example/feed.xml?token=s3cret")
    assert (plain.code, "not encrypted" in plain.err) == (2, True)
    assert "s3cret" not in f"{imported}{missed}{plain}"


async def test_counts_are_synced_by_a_link(environment: Sandbox) -> None:
    environment.load(simulate(Simulation(shops=1, days=1)))
    shop, product = environment.rows("shops")[0]["id"], environment.rows("products")[0]["number"]
    async with serve(answer(f"Штрихкод;Залишок\n{product};12\n".encode())) as service:
        link = f"{service.url}/stock.csv"
        done = await _run("products", "stock", link, "--shop", str(shop), "--dry-run", "--json")
    assert done.code == 0, done
    assert done.document["rows"] == 1


def test_a_file_that_lies_about_names_no_authority(authority: Authority, cli: Cli, box: Sandbox) -> None:
    """With a proxy beside it, whoever put it there could read all that is sent."""
    _write("smartkasa.toml", "http://127.0.0.1:9", authority)
    for words in (("shops", "list"), ("doctor",), ("login",)):
        result = cli(*words)
        assert (result.code, "SMARTKASA_CA_FILE" in result.err) == (2, True), words
    assert cli("shops", "list", "--base-url", box.url).code != 2  # this machine's own


def test_a_password_of_a_proxy_is_shown_nowhere(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMARTKASA_PROXY", f"http://till:{_PASSWORD}@proxy.example:3128")
    shown = cli("whoami")
    assert "http://***@proxy.example:3128" in shown.out
    assert _PASSWORD not in f"{shown}{cli('whoami', '--json')}"
    refused = cli("whoami", "--set", f"proxy=http://till:{_PASSWORD}@proxy.example:3128")
    assert (refused.code, "--set proxy" in refused.err, _PASSWORD in refused.err) == (2, True, False)
    monkeypatch.setenv("SMARTKASA_PROXY", f"socks5://till:{_PASSWORD}@proxy.example")
    for words in (("shops", "list"), ("doctor",)):
        refused = cli(*words)
        assert (refused.code, "socks5" in refused.err, _PASSWORD in refused.err) == (2, True, False)
