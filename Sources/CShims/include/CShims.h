// What Swift can not say: vector masks, wide multiplication without overflow traps, and SQLite's variadic calls.
// Static inline only; nothing else belongs here.
#ifndef HOLDFAST_CSHIMS_H
#define HOLDFAST_CSHIMS_H
#include <stdint.h>
#include "masks.h"
#include "sqlite_configuration.h"
#endif
