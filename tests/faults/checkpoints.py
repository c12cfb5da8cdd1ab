"""Faults in course_lib.checkpoints."""

from tests.faults import Fault

FAULTS = [
    Fault("save_checkpoint", "written over the old file", 'beside = path.with_suffix(".part.npz")', "beside = path"),
    Fault("save_checkpoint", "not put in its place", "    os.replace(beside, path)\n", ""),
    Fault("save_checkpoint", "the generator forgotten", "{RNG: state}", "{}"),
    Fault("save_checkpoint", "a new generator's state", "json.dumps(rng.bit_generator.state)",
          "json.dumps(np.random.default_rng(0).bit_generator.state)"),
    Fault("save_checkpoint", "parameters without statistics", "**network.weights", "**network.params"),
    Fault("load_checkpoint", "the generator left as it is",
          "    rng.bit_generator.state = json.loads(state.tobytes())", "    json.loads(state.tobytes())"),
    Fault("load_checkpoint", "weights left as they are", "    network.weights = found\n", ""),
    Fault("load_checkpoint", "whatever is in the file is taken",
          '    refuse_misfits(f"{path} doesn\'t fit the network", found, network.weights)\n', ""),
    Fault("load_checkpoint", "a file without a generator is taken", "if state is None:", "if False:"),
    Fault("load_checkpoint", "weights before the generator is refused", "    state = found.pop(RNG, None)\n",
          "    state = found.pop(RNG, None)\n    network.weights = found | network.weights | found\n"),
    Fault("load_checkpoint", "found and wanted exchanged", "found, network.weights)", "network.weights, found)"),
]
