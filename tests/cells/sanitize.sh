#!/bin/sh
# Builds the kernel with AddressSanitizer and UndefinedBehaviorSanitizer, and runs its tests on it; and
# once with ThreadSanitizer, on its own.
# It is compiled once, for this processor: what other instruction sets do differently is little.
# Usage: tests/cells/sanitize.sh [python]; needs GCC or Clang, cmake, nanobind and the test extra.
set -eu
python=${1:-python}
root=$(cd "$(dirname "$0")/../.." && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT

cmake -S "$root/forecast/cells/native" -B "$build" -DFORECAST_SANITIZE=ON \
    -DFORECAST_DISPATCH=OFF -DCMAKE_CXX_FLAGS=-march=native \
    -DPython_EXECUTABLE="$(command -v "$python")" -Dnanobind_DIR="$("$python" -m nanobind --cmake_dir)"
cmake --build "$build" --parallel
mkdir "$build/tree"
cp -r "$root/forecast" "$root/tests" "$root/pyproject.toml" "$build/tree"
cp "$build"/_kernel.* "$build/tree/forecast/cells/native/"

cd "$build/tree"
# Python itself is not sanitized: the runtime is loaded first, and the interpreter's leaks are not ours.
LD_PRELOAD="$(${CXX:-c++} -print-file-name=libasan.so) $(${CXX:-c++} -print-file-name=libstdc++.so)" \
    ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 PYTHONPATH="$build/tree" \
    "$python" -m pytest tests/cells/test_native.py tests/cells/test_native_memory.py \
    tests/cells/test_native_threads.py tests/cells/test_recurrence.py -q -p no:cacheprovider -p no:randomly

native=$root/forecast/cells/native
"${CXX:-c++}" -std=c++17 -O1 -g -march=native -fsanitize=thread -pthread -I"$native" \
    -DFORECAST_KERNEL=kernel_alone "$root/tests/cells/kernel_alone.cpp" "$native/kernel.cpp" \
    "$native/team.cpp" -o "$build/threads"
"$build/threads" >/dev/null
