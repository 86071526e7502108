// Work shared among threads that are made for the call and end with it.
//
// No pool and no global state; and nobody waits in a loop, as OpenMP's teams do, which starves
// whoever else computes. Making a thread costs some 20 microseconds, a task here more.
#pragma once

#include <cstdint>

// Does every task once, each by one member of a team of at most `threads`; returns when all are done.
void run_team(int64_t tasks, int threads, void (*work)(const void* context, int64_t task, int member),
              const void* context);
