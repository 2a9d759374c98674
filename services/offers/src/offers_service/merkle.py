"""The Merkle tree hash of RFC 9162 (section 2.1.1; SHA-256), computed leaf by leaf. Pure.

Leaves and nodes are hashed under different first bytes, so that neither passes for the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of one leaf."""
    return sha256(_LEAF + leaf).digest()


class Tree:
    """A tree that grows to the right; keeps one hash a level.

    What is added are hashes of leaves, or roots of whole subtrees of one and the same size, a
    power of two, of which only the last may be smaller: the root is that of all their leaves.
    """

    def __init__(self) -> None:
        self._size = 0
        self._left: list[bytes] = []

    def add(self, hash_: bytes) -> None:
        """Appends one leaf's hash, or one subtree's root."""
        size = self._size
        while size & 1:
            hash_ = sha256(_NODE + self._left.pop() + hash_).digest()
            size >>= 1
        self._left.append(hash_)
        self._size += 1

    def root(self) -> bytes:
        """The root of what was added so far; of nothing, the hash of nothing."""
        if not self._left:
            return sha256().digest()
        root = self._left[-1]
        for left in reversed(self._left[:-1]):
            root = sha256(_NODE + left + root).digest()
        return root


def root_of(hashes: Iterable[bytes]) -> bytes:
    """The root over hashes of leaves, or over roots of subtrees as Tree takes them."""
    tree = Tree()
    for each in hashes:
        tree.add(each)
    return tree.root()
