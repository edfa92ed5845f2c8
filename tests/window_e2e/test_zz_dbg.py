from tests.window_e2e.conftest import *
from tests.window_e2e.test_prefix_doctor import *
import sqlite3
@pytest.fixture
def peek(hatchway_home):
    yield
    c=sqlite3.connect(hatchway_home/"data"/"history.db")
    for r in c.execute("select target,leak,rewriting,response_headers from exchanges"): print(r)
    print((hatchway_home/"state"/"hatchway.log").read_text()[-3000:])
def test_dbg(peek, open_window, screen, service):
    test_a_page_tells_what_was_changed_and_a_leak_who_asked(open_window, screen, service)
