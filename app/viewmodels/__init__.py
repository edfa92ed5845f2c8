"""Item models and QObjects between the engine and the widgets; no widget in here."""
