from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.content.line_diff import MAX_LINES, LineDiff, Row, diff_lines, split_lines

texts = st.lists(st.sampled_from(["a", "b", "c = 1", "c = 2", ""]), max_size=40)


def sides(diff: LineDiff) -> tuple[list[str], list[str]]:
    """What each side shows, gaps as that many Nones."""
    left: list[str] = []
    right: list[str] = []
    for row in diff.rows:
        if row.kind == "gap":
            left += ["?"] * int(row.left)
            right += ["?"] * int(row.left)
            continue
        left += [row.left] if row.kind != "added" else []
        right += [row.right] if row.kind != "removed" else []
    return left, right


@given(texts, texts)
def test_both_texts_are_in_the_rows(left: list[str], right: list[str]) -> None:
    diff = diff_lines(left, right)
    if left == right:
        assert diff == LineDiff(())
        assert diff.identical
        return
    assert diff.changes
    for shown, text in zip(sides(diff), (left, right), strict=True):
        assert len(shown) == len(text)
        assert all(line in ("?", text[at]) for at, line in enumerate(shown))
    for row in diff.rows:
        assert (row.left == row.right) == (row.kind == "equal") or row.kind in ("gap", "added", "removed")


@given(st.text(max_size=60), st.text(max_size=60))
def test_marks_leave_what_both_have(before: str, after: str) -> None:
    row = next(iter(diff_lines([f"x {before}"], [f"x {after}"]).rows), None)
    if row is None:
        return
    outside = []
    for line, marks in ((row.left, row.left_marks), (row.right, row.right_marks)):
        for start, end in reversed(marks):
            line = line[:start] + line[end:]
        outside.append(line)
    if row.left_marks or row.right_marks:
        assert outside[0] == outside[1]


def test_the_changed_word_is_marked() -> None:
    (row,) = diff_lines(["status: 500 now"], ["status: 200 now"]).rows
    assert row == Row("changed", "status: 500 now", "status: 200 now", ((8, 11),), ((8, 11),))


def test_a_long_line_is_compared_in_parts_with_what_it_came_from() -> None:
    before = "<title>Desk</title>fine"
    after = "<title>Desk</title>" + "<script>work()</script>" * 20 + "fine"
    diff = diff_lines(["a", before, "b"], ["a", after, "b"])
    assert diff.changes == 1
    assert {row.kind for row in diff.rows} == {"equal", "added"}


def test_line_breaks_alone_are_a_difference() -> None:
    parts = ["<p>", "x" * 400]
    assert diff_lines(parts, ["".join(parts)]).changes == 1


def test_far_equal_lines_are_left_out() -> None:
    left = [str(number) for number in range(100)]
    rows = diff_lines(left, [*left[:50], "new", *left[50:]]).rows
    assert [row.kind for row in rows] == ["gap", *["equal"] * 3, "added", *["equal"] * 3, "gap"]
    assert (rows[0].left, rows[-1].left) == ("47", "47")


def test_what_is_too_long_is_compared_in_its_beginning_and_says_so() -> None:
    long = ["same"] * MAX_LINES
    diff = diff_lines([*long, "a"], [*long, "b"])
    assert diff.rows == ()
    assert diff.cut
    assert not diff.identical


def test_a_minified_page_differs_where_it_differs() -> None:
    page = "".join(f'<a href="/{number}">{number}</a>' for number in range(200))
    left, right = split_lines(page), split_lines(page.replace('"/7"', '"/shop/7"'))
    assert "".join(left) == page
    diff = diff_lines(left, right)
    assert diff.changes == 1
    assert [row.right for row in diff.rows if row.kind == "changed"] == ['<a href="/shop/7">']
