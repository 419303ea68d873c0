"""Boosted trees as the file that src/fast/forest.rs reads."""
import struct

import numpy as np

LEAF = 0xFFFF


def export(model, path, first=0, end=None):
    """Write a lightgbm model's trees `first..end`."""
    def nested(node):
        if "leaf_value" in node:
            return node["leaf_value"]
        return node["split_feature"], float(np.float32(node["threshold"])), nested(node["left_child"]), nested(node["right_child"])
    write(path, 0.0, [nested(tree["tree_structure"]) for tree in model.dump_model()["tree_info"][first:end]])


def write(path, base, trees):
    """Write trees and what is added to their sum: each parent, what is left of it, what is right of it. A tree is a leaf's value, or
    a number's place, the value up to which it goes left, and the trees on both sides."""
    roots, nodes = [], []

    def put(tree):
        at = len(nodes)
        if not isinstance(tree, tuple):
            nodes.append((LEAF, 0, tree))
            return
        term, threshold, left, right = tree
        nodes.append(None)
        put(left)
        nodes[at] = term, len(nodes) - at, threshold
        put(right)
    for tree in trees:
        roots.append(len(nodes))
        put(tree)
    out = struct.pack("<fI", base, len(roots)) + struct.pack(f"<{len(roots)}I", *roots)
    out += b"".join(struct.pack("<HHf", *n) for n in nodes)
    path.write_bytes(out)
    print(path.name, len(out), "bytes")
