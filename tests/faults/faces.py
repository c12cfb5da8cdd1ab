"""Faults in course_lib.faces."""

from tests.faults import Fault

FAULTS = [
    Fault("face", "all modules are loaded at once", "    def get(name):\n",
          "    [import_module(f\"{package}.{module}\") for module in names]\n\n    def get(name):\n"),
    Fault("face", "the module instead of what is in it", "getattr(import_module(f\"{package}.{homes[name]}\"), name)",
          "import_module(f\"{package}.{homes[name]}\")"),
    Fault("face", "an unknown name is a KeyError", "if name not in homes:", "if False:"),
    Fault("face", "the package isn't named", "module {package!r} has", "module has"),
    Fault("face", "looked up anew each time", "        setattr(sys.modules[package], name, value)", "        str(value)"),
    Fault("face", "names aren't listed", "lambda: sorted(homes)", "lambda: []"),
    Fault("face", "nothing for import *", ", sorted(homes)\n", ", []\n"),
]
