"""A hook of MkDocs, named in `mkdocs.yml`: each page has the navigation and the words of its own language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mkdocs.structure.nav import Navigation, Section

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.pages import Page

__all__ = ["on_nav", "on_page_context"]

_UKRAINIAN = "uk/"


def on_nav(nav: Navigation, **_: Any) -> None:
    """Separate the languages: the last page of one does not lead on to the first page of the other."""
    for page in nav.pages:
        if page.next_page and _is_ukrainian(page.next_page) != _is_ukrainian(page):
            page.next_page.previous_page = None
            page.next_page = None


def on_page_context(context: dict[str, Any], *, page: Page, config: MkDocsConfig, nav: Navigation) -> None:
    """Choose the language of what surrounds a page."""
    english, ukrainian = (section for section in nav.items if isinstance(section, Section))
    section = ukrainian if _is_ukrainian(page) else english
    context["nav"] = Navigation(section.children, nav.pages)
    config.theme["language"] = "uk" if _is_ukrainian(page) else "en"
    urls = {each.url for each in nav.pages}
    plain = page.url.removeprefix(_UKRAINIAN)
    twin = _UKRAINIAN + plain if _UKRAINIAN + plain in urls else _UKRAINIAN
    config.extra["alternate"] = [
        {"name": "English", "lang": "en", "link": plain},
        {"name": "Українською", "lang": "uk", "link": twin},
    ]


def _is_ukrainian(page: Page) -> bool:
    return page.url.startswith(_UKRAINIAN)
