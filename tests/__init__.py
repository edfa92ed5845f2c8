"""The tests mirror the sources: app/history/store.py is tested by tests/app/history/test_store.py."""
