// The free functions that lib/native.ts sees, one table a file.
#ifndef NBUF_BINDING_FUNCTIONS_H
#define NBUF_BINDING_FUNCTIONS_H

#include <node_api.h>

namespace nbuf::binding {

struct Function {
  const char* name;
  napi_callback call;
};

// Ends with a NULL name.
extern const Function kProviderFunctions[];
extern const Function kExportFunctions[];
extern const Function kArrayFunctions[];
extern const Function kMemoryFunctions[];
extern const Function kFileFunctions[];
extern const Function kAsyncFunctions[];
extern const Function kFormatFunctions[];
extern const Function kJsMemoryFunctions[];
extern const Function kIndirectFunctions[];
extern const Function kReportFunctions[];
extern const Function kEnvironmentFunctions[];
extern const Function kProbeFunctions[];

}  // namespace nbuf::binding

#endif  // NBUF_BINDING_FUNCTIONS_H
