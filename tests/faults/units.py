"""Faults in course_lib.units."""

from tests.faults import Fault

FAULTS = [
    Fault("hidden_units", "dead on some image", "(slopes == 0).all(axis=0)", "(slopes == 0).any(axis=0)"),
    Fault("hidden_units", "images and units exchanged", "(slopes == 0).all(axis=0)", "(slopes == 0).all(axis=1)"),
    Fault("hidden_units", "small slopes count as dead", "(slopes == 0)", "(np.abs(slopes) < 0.5)"),
    Fault("hidden_units", "off on some image", "(x <= 0).all(axis=0)", "(x <= 0).any(axis=0)"),
    Fault("hidden_units", "units at zero are on", "(x <= 0)", "(x < 0)"),
    Fault("hidden_units", "looks at what comes out of them", "off.append((x <= 0)", "off.append((layer.inference(x, *layer.params.values()) <= 0)"),
    Fault("hidden_units", "as in training", "x = layer.inference(x, *layer.params.values(), *layer.statistics.values())",
          "x = layer.forward(x, *layer.params.values())[0]"),
    Fault("hidden_units", "PReLU and RReLU left out", 'HIDDEN = ("activation", "prelu", "rrelu")', 'HIDDEN = ("activation",)'),
    Fault("hidden_units", "slopes at the activations", "layer.forward(x, *layer.params.values())[1])[0]",
          "layer.forward(x, *layer.params.values())[0])[0]"),
    Fault("hidden_units", "an exploding network warns", 'with np.errstate(all="ignore"):', 'with np.errstate(all="warn"):'),
    Fault("hidden_units", "dead and off exchanged", "Units(np.array(dead), np.array(off))", "Units(np.array(off), np.array(dead))"),
    Fault("UnitWatch", "never looks before training", "if network is not None:", "if False:"),
    Fault("UnitWatch", "keeps the last look only", "self.seen.append(hidden_units(network, self.x))",
          "self.seen[:] = [hidden_units(network, self.x)]"),
    Fault("UnitWatch", "stops the training", "self.seen.append(hidden_units(network, self.x))",
          "self.seen.append(hidden_units(network, self.x))\n        return True"),
    Fault("UnitWatch", "dead for off", "[units.off for units in self.seen]", "[units.dead for units in self.seen]"),
    Fault("UnitWatch", "off for dead", "[units.dead for units in self.seen]", "[units.off for units in self.seen]"),
    Fault("came_back", "those that stayed", "np.mean(~last[first])", "np.mean(last[first])"),
    Fault("came_back", "share of all units", "np.mean(~last[first])", "np.mean(first & ~last)"),
    Fault("came_back", "the second moment for the last", "marked[0], marked[-1]", "marked[0], marked[1]"),
    Fault("came_back", "none at first gives NaN", " if first.any() else 0.0", ""),
]  # fmt: skip
