#include "load.h"
const dialect colyseus_dialect = {.name = "colyseus"};
