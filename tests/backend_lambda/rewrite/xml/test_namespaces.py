"""Which vocabulary names belong to (H26), as declarations come and go."""

from __future__ import annotations

from backend_lambda.rewrite.xml.namespaces import XHTML, Namespaces


def test_a_declaration_holds_inside_its_element():
    namespaces = Namespaces()
    namespaces.start({"": "urn:x", "h": XHTML})
    assert not namespaces.is_shown("")
    assert namespaces.is_shown("h")
    namespaces.start({"": XHTML, "h": "urn:y"})
    namespaces.start({})
    assert namespaces.is_shown("")
    assert not namespaces.is_shown("h")
    namespaces.end()
    namespaces.end()
    assert not namespaces.is_shown("")
    assert namespaces.is_shown("h")
    namespaces.end()
    assert namespaces.is_shown("")
    assert namespaces.depth == 0


def test_names_without_declaration_or_declared_by_an_entity_are_what_they_look_like():
    namespaces = Namespaces()
    assert namespaces.is_shown("h")
    namespaces.start({"h": "&ns_svg;"})
    assert namespaces.is_shown("h")
    assert namespaces.attribute("xlink:href") == "xlink:href"
    assert namespaces.attribute("href") == "href"


def test_xlink_goes_by_its_usual_prefix():
    namespaces = Namespaces()
    namespaces.start({"l": "http://www.w3.org/1999/xlink"})
    assert namespaces.attribute("l:href") == "xlink:href"
    assert namespaces.attribute("m:href") == "m:href"


def test_ends_without_starts_are_no_harm():
    namespaces = Namespaces()
    namespaces.end()
    namespaces.start({"": "urn:x"})
    namespaces.end()
    assert namespaces.depth == 0
    assert namespaces.is_shown("")
