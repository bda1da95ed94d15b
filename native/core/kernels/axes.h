// The axes of a copy while it is planned.
#ifndef NBUF_CORE_KERNELS_AXES_H
#define NBUF_CORE_KERNELS_AXES_H

#include "../copy_plan.h"

namespace nbuf::core {

// By growing destination stride, which is positive; no extent is 1.
struct Axes {
  int32_t count = 0;
  bool in_place = true;              // strides are the same on both sides
  PlanAxis axis[NBUF_MAX_NDIM + 1];  // one more to split items into swapped groups

  PlanAxis take(int32_t index) {
    const PlanAxis taken = axis[index];
    count--;
    for (int32_t i = index; i < count; i++) axis[i] = axis[i + 1];
    return taken;
  }
};

// Takes the axes that a shuffle can do into the plan's grid, with its kernel; false:
// none.
bool plan_shuffle(Axes* axes, Plan* plan);

// Whether tiles can do the plan's grid, except that `across` may go down in the source;
// then sets its kernel.
bool plan_transpose(Plan* plan);

// Which groups of the plan's shuffle stay within the bytes between the first and the last
// element of a row, and can be done by vectors.
void bound_shuffle(Plan* plan);

}  // namespace nbuf::core

#endif  // NBUF_CORE_KERNELS_AXES_H
