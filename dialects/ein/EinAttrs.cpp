#include "dialects/ein/EinDialect.h"
