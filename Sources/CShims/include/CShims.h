// What Swift can not say: vector masks, a call that hides behind _GNU_SOURCE, the allocator's settings, and SQLite's variadic calls.
// Static inline only; nothing else belongs here.
#ifndef HOLDFAST_CSHIMS_H
#define HOLDFAST_CSHIMS_H
#include <stdint.h>
#include "files.h"
#include "masks.h"
#include "memory.h"
#include "sqlite_configuration.h"
#endif
