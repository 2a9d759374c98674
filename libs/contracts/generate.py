"""Generate the Python contracts from proto/, and lint proto/ with buf.

Usage: python libs/contracts/generate.py OUTPUT_DIRECTORY, or --image FILE for buf to read.

The field rules of protovalidate come from the descriptor inside the pinned protovalidate package,
so neither buf nor protoc has to fetch anything.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from protovalidate._gen.buf.validate import validate_pb

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
VALIDATE = "buf/validate/validate.proto"
GENERATED_PACKAGES = ("buf", "dangol")


def validate_descriptors() -> FileDescriptorSet:
    """The descriptor of buf/validate/validate.proto, with the well-known types it imports."""
    from google.protobuf import (  # noqa: PLC0415 - registers the well-known types
        descriptor_pb2,
        duration_pb2,
        field_mask_pb2,
        timestamp_pb2,
    )

    files = [
        FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)
        for module in (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)
    ]
    validate = FileDescriptorProto.FromString(validate_pb.desc().proto.to_binary())
    return FileDescriptorSet(file=[*files, validate])


def protoc(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *arguments], check=True)


def write_image(sources: list[str], descriptors: Path, scratch: Path, image: Path) -> None:
    """The protos and all that they import as one image, so that buf needs no module registry."""
    ours = scratch / "ours.binpb"
    protoc(
        f"--proto_path={PROTO}",
        f"--descriptor_set_in={descriptors}",
        "--include_source_info",
        f"--descriptor_set_out={ours}",
        *sources,
    )
    both = FileDescriptorSet.FromString(descriptors.read_bytes())
    both.MergeFromString(ours.read_bytes())
    image.write_bytes(both.SerializeToString())


def lint(image: Path) -> None:
    """Lint the protos."""
    config = json.dumps(
        {
            "version": "v2",
            "lint": {"use": ["STANDARD"], "ignore": ["buf", "google"]},
        }
    )
    buf = Path(sys.executable).with_name("buf")
    subprocess.run([buf, "lint", str(image), "--config", config], check=True)


def generate(sources: list[str], descriptors: Path, output: Path) -> None:
    for package in GENERATED_PACKAGES:
        shutil.rmtree(output / package, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)
    binaries = Path(sys.executable).parent
    common = (f"--proto_path={PROTO}", f"--descriptor_set_in={descriptors}")
    protoc(*common, f"--python_out={output}", f"--pyi_out={output}", VALIDATE, *sources)
    protoc(
        *common,
        f"--grpc_python_out={output}",
        f"--plugin=protoc-gen-mypy_grpc={binaries / 'protoc-gen-mypy_grpc'}",
        f"--mypy_grpc_out=quiet:{output}",
        *[source for source in sources if source.endswith("_service.proto")],
    )
    for package in GENERATED_PACKAGES:
        for directory in [output / package, *(output / package).rglob("*/")]:
            (directory / "__init__.py").touch()
            (directory / "py.typed").touch() if directory.parent == output else None


def main() -> None:
    only_image = sys.argv[1] == "--image"
    output = Path(sys.argv[-1]).resolve()
    sources = sorted(str(path.relative_to(PROTO)) for path in PROTO.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        descriptors = scratch / "validate.binpb"
        descriptors.write_bytes(validate_descriptors().SerializeToString())
        image = output if only_image else scratch / "image.binpb"
        write_image(sources, descriptors, scratch, image)
        if only_image:
            return
        lint(image)
        generate(sources, descriptors, output)


if __name__ == "__main__":
    main()
