"""The kernel computes the same whoever compiled it, and on whatever processor it runs."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent
NATIVE = HERE.parents[1] / "forecast" / "cells" / "native"
ARM = "aarch64-linux-gnu"
# The compiler, its own options, and what runs the result where this processor cannot.
OTHERS = {
    "clang": ("clang++", (), None),
    "clang, AVX-512": ("clang++", ("-march=x86-64-v4",), None),
    "gcc, NEON": (f"{ARM}-g++", ("-static",), "qemu-aarch64"),
    "clang, NEON": ("clang++", (f"--target={ARM}", "-static"), "qemu-aarch64"),
}


def numbers(folder: Path, compiler: str, options: tuple[str, ...], runner: str | None):
    """What `kernel_alone.cpp` prints; skips where a tool is missing, or cannot build for there."""
    missing = [tool for tool in (compiler, runner) if tool and not shutil.which(tool)]
    if missing:
        pytest.skip(f"{missing[0]} is not installed")
    made = folder / "kernel"
    sources = [HERE / "kernel_alone.cpp", NATIVE / "kernel.cpp", NATIVE / "team.cpp"]
    if runner and not shutil.which(f"{ARM}-g++"):
        pytest.skip(f"there are no libraries of {ARM}")
    subprocess.run(
        [compiler, *options, "-std=c++17", "-Wall", "-Wextra", "-Werror", "-ffp-contract=fast",
         "-fno-math-errno", "-pthread", f"-I{NATIVE}", "-DFORECAST_KERNEL=kernel_alone",
         *sources, "-o", made],
        check=True,
    )  # fmt: skip
    done = subprocess.run([*([runner] if runner else []), made], check=True, capture_output=True)
    return np.array(done.stdout.split(), dtype=float)


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory):
    return numbers(tmp_path_factory.mktemp("own"), "g++", (), None)


@pytest.mark.parametrize("name", OTHERS)
def test_another_compiler_and_processor_compute_the_same(name, expected, tmp_path):
    if name.endswith("AVX-512") and "avx512dq" not in Path("/proc/cpuinfo").read_text():
        pytest.skip("this processor has no AVX-512")
    np.testing.assert_allclose(numbers(tmp_path, *OTHERS[name]), expected, rtol=0, atol=1e-6)
