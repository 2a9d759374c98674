"""Validates manifests strictly; run by the tools' own Python.

    python validate.py VERSION FILE...

Kinds that Kubernetes itself does not know are left to the tests of objects. Prints what is wrong.
"""

import sys
from pathlib import Path

import kubernetes_validate
import yaml

OTHERS = ("cert-manager.io/", "gateway.networking.k8s.io/", "monitoring.coreos.com/")


def main(version: str, paths: list[str]) -> int:
    """The number of documents that were validated, or -1 after an error."""
    count = 0
    for path in paths:
        for document in yaml.load_all(Path(path).read_text(), yaml.CSafeLoader):
            if document and not document["apiVersion"].startswith(OTHERS):
                try:
                    kubernetes_validate.validate(document, version, strict=True)
                except kubernetes_validate.ValidationError as error:
                    sys.exit(f"{path}: {document['kind']}: {error.message}")
                count += 1
    return count


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], sys.argv[2:])}\n")
