"""Imports an app's function_app.py from its folder, as Microsoft's worker does, with the folder first on the path."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import azure.functions as func

from sandbox.host.errors import HostStartError
from sandbox.host.functions import find_app


def load_app(directory: Path) -> func.FunctionRegister:
    """The FunctionApp of a folder. Raises HostStartError when it is missing, broken, or not exactly one."""
    if not (directory / "function_app.py").is_file():
        raise HostStartError([f"{directory} has no function_app.py: name the app's folder with --app."])
    sys.path.insert(0, str(directory))
    try:
        module = importlib.import_module("function_app")
    except Exception as error:
        raise HostStartError(
            [f"function_app.py cannot be imported ({type(error).__name__}: {error}); on Azure: 0 functions found."]
        ) from error
    return find_app(module)
