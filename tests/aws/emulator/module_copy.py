"""A handler with module state of its own, though it runs in the same process as others."""

from __future__ import annotations

import asyncio
import importlib
import sys
import threading
from types import ModuleType
from typing import Any

# The table of modules is the process's: one copy at a time.
_lock = threading.Lock()


class ModuleCopy:
    """target: `"module.name"`; call the copy as the handler. own: modules, with what lies below them, that are imported
    once more for this copy (None: only the target's); shared: those among them that are not. So globals such as
    caches, tasks and loops are an environment's, as in a process."""

    def __init__(self, target: str, own: tuple[str, ...] | None = None, shared: tuple[str, ...] = ()) -> None:
        name, _, attribute = target.rpartition(".")
        self._own = own or (name,)
        self._shared = shared
        for module in shared:
            importlib.import_module(module)
        with _lock:
            kept = self._take_out()
            try:
                self._handler = getattr(importlib.import_module(name), attribute)
                self._modules = self._take_out()
            finally:
                _put_back(kept)

    def __call__(self, event: Any, context: Any) -> Any:
        return self._handler(event, context)

    def close(self) -> None:
        """Close the loops that its modules keep, which a process would leave to the operating system."""
        for module in self._modules.values():
            for value in vars(module).values():
                if isinstance(value, asyncio.Runner):
                    value.close()

    def _take_out(self) -> dict[str, ModuleType]:
        names = [name for name in sys.modules if _below(name, self._own) and not _below(name, self._shared)]
        return {name: sys.modules.pop(name) for name in names}


def _below(name: str, roots: tuple[str, ...]) -> bool:
    return any(name == root or name.startswith(root + ".") for root in roots)


def _put_back(modules: dict[str, ModuleType]) -> None:
    sys.modules.update(modules)
    for name, module in modules.items():
        parent, _, child = name.rpartition(".")
        if parent in sys.modules:
            setattr(sys.modules[parent], child, module)
