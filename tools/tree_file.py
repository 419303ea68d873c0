"""Boosted trees as the file that src/fast/forest.rs reads."""
import struct

import numpy as np

LEAF = 0xFFFF


def export(model, path, first=0, end=None):
    """Write a lightgbm model's trees `first..end`: each parent, what is left of it, what is right of it."""
    roots, nodes = [], []
    for tree in model.dump_model()["tree_info"][first:end]:
        roots.append(len(nodes))

        def put(node):
            at = len(nodes)
            if "leaf_value" in node:
                nodes.append((LEAF, 0, node["leaf_value"]))
                return
            nodes.append(None)
            put(node["left_child"])
            right = len(nodes) - at
            put(node["right_child"])
            nodes[at] = (node["split_feature"], right, float(np.float32(node["threshold"])))
        put(tree["tree_structure"])
    out = struct.pack("<fI", 0.0, len(roots)) + struct.pack(f"<{len(roots)}I", *roots)
    out += b"".join(struct.pack("<HHf", *n) for n in nodes)
    path.write_bytes(out)
    print(path.name, len(out), "bytes")
