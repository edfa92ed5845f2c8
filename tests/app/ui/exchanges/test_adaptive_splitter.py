from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.ui.exchanges.adaptive_splitter import AdaptiveSplitter
from app.ui.exchanges.page_stack import PageStack


@pytest.fixture
def parts(qapp: QApplication) -> Iterator[tuple[AdaptiveSplitter, PageStack]]:
    """Beneath each other in 960 × 600; the second part has a page that needs 500 px, which is not shown."""
    pages = PageStack()
    for height in (50, 500):
        page = QWidget()
        page.setMinimumHeight(height)
        pages.addWidget(page)
    made = AdaptiveSplitter(QWidget(), pages)
    made.resize(960, 600)
    made.show()
    qapp.processEvents()
    yield made, pages
    made.hide()
    made.deleteLater()


def test_a_large_page_takes_room_only_while_it_is_shown(
    qapp: QApplication, parts: tuple[AdaptiveSplitter, PageStack]
) -> None:
    splitter, pages = parts
    assert splitter.sizes()[1] == pytest.approx(300, abs=5)
    pages.setCurrentIndex(1)
    qapp.processEvents()
    assert splitter.sizes()[1] == 500
    pages.setCurrentIndex(0)
    qapp.processEvents()
    assert splitter.sizes()[1] == pytest.approx(300, abs=5)


def test_what_the_user_has_moved_stays(qapp: QApplication, parts: tuple[AdaptiveSplitter, PageStack]) -> None:
    splitter, pages = parts
    splitter.moveSplitter(150, 1)
    pages.updateGeometry()
    qapp.processEvents()
    assert splitter.sizes()[0] == pytest.approx(150, abs=5)
    splitter.resize(1200, 600)
    qapp.processEvents()
    assert splitter.sizes()[1] == pytest.approx(0.44 * 1200, abs=5), "another direction, another share"
