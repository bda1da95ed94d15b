// An addon that owns pixel frames and exports them through nbuf.
#include <napi.h>
#include <nbuf/nbuf_node.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>

namespace {

constexpr int64_t kMaxSide = 1 << 16;
constexpr int64_t kMaxChannels = 16;
constexpr int64_t kRowAlignment = 64;
constexpr uint8_t kPadding = 0xEE;  // shows up in statistics that read padding

std::atomic<int64_t> live_frames{0};

struct Frame {
  int64_t width, height, channels, row_stride;
  uint8_t* pixels;
};

void FreePixels(void* pixels) {
  std::free(pixels);
  live_frames--;
}

// The export: what the memory is, how it is laid out, how it is freed.
nbuf_status Publish(napi_env env, const Frame& frame, napi_value* object,
                    nbuf_error* error) {
  const int64_t shape[] = {frame.height, frame.width, frame.channels};
  const int64_t strides[] = {frame.row_stride, frame.channels, 1};
  nbuf_pointer_export from{};
  from.struct_size = sizeof from;
  from.buf = from.base = frame.pixels;
  from.size = frame.height * frame.row_stride;
  from.itemsize = 1;
  from.ndim = 3;
  from.format = "B";
  from.shape = shape;
  from.strides = strides;
  from.free = FreePixels;
  from.context = frame.pixels;
  nbuf_exporter* exporter;
  nbuf_status status = nbuf_export_pointer(&from, &exporter, error);
  if (status != NBUF_OK) {
    FreePixels(frame.pixels);
    return status;
  }
  status = nbuf_publish(env, exporter, object);
  exporter->ops->release(exporter);
  return status;
}

Napi::Value Throw(Napi::Env env, nbuf_status status, const char* message) {
  nbuf_error error = NBUF_ERROR_INIT;
  nbuf_fail(&error, status, "%s", message);
  return Napi::Value(env, nbuf_throw(env, status, &error));
}

Napi::Value PublishOrThrow(Napi::Env env, const Frame& frame) {
  nbuf_error error = NBUF_ERROR_INIT;
  napi_value object;
  const nbuf_status status = Publish(env, frame, &object, &error);
  if (status == NBUF_OK) return Napi::Value(env, object);
  return Napi::Value(env, nbuf_throw(env, status, &error));
}

// An integer argument in [low, high]; `missing` when it was not given. -1 has thrown.
int64_t Integer(const Napi::CallbackInfo& info, size_t index, const char* name,
                int64_t low, int64_t high, int64_t missing) {
  if (info[index].IsUndefined() && missing >= 0) return missing;
  const std::string expected = std::string(name) + ": expected an integer from " +
                               std::to_string(low) + " to " + std::to_string(high);
  if (!info[index].IsNumber()) {
    Throw(info.Env(), NBUF_ERR_INVALID_ARG_TYPE, expected.c_str());
    return -1;
  }
  const double value = info[index].As<Napi::Number>().DoubleValue();
  if (!(value >= static_cast<double>(low) && value <= static_cast<double>(high)) ||
      value != static_cast<double>(static_cast<int64_t>(value))) {
    Throw(info.Env(), NBUF_ERR_OUT_OF_RANGE, expected.c_str());
    return -1;
  }
  return static_cast<int64_t>(value);
}

// Memory for a frame whose extents are set; false has thrown.
bool Allocate(Napi::Env env, Frame* frame) {
  const auto size = static_cast<size_t>(frame->height * frame->row_stride);
  frame->pixels = static_cast<uint8_t*>(std::malloc(size));
  if (frame->pixels == nullptr) {
    Throw(env, NBUF_ERR_NOMEM, "no memory for the frame");
    return false;
  }
  std::memset(frame->pixels, kPadding, size);
  live_frames++;
  return true;
}

// Reads width and height at `first`, and the row stride at `stride`; false has thrown.
bool Extents(const Napi::CallbackInfo& info, size_t first, size_t stride, Frame* frame) {
  frame->width = Integer(info, first, "width", 1, kMaxSide, -1);
  if (frame->width < 0) return false;
  frame->height = Integer(info, first + 1, "height", 1, kMaxSide, -1);
  if (frame->height < 0) return false;
  if (frame->channels == 0)
    frame->channels = Integer(info, first + 2, "channels", 1, kMaxChannels, -1);
  if (frame->channels < 0) return false;
  const int64_t row = frame->width * frame->channels;
  const int64_t padded = (row + kRowAlignment - 1) / kRowAlignment * kRowAlignment;
  frame->row_stride = Integer(info, stride, "rowStride", row, row + kMaxSide, padded);
  return frame->row_stride >= 0;
}

Napi::Value MakeFrame(const Napi::CallbackInfo& info) {
  Frame frame{};
  frame.channels = 4;
  if (!Extents(info, 0, 2, &frame) || !Allocate(info.Env(), &frame))
    return info.Env().Undefined();
  for (int64_t y = 0; y < frame.height; y++) {
    for (int64_t x = 0; x < frame.width; x++) {
      uint8_t* pixel = frame.pixels + y * frame.row_stride + x * 4;
      pixel[0] = static_cast<uint8_t>(x);
      pixel[1] = static_cast<uint8_t>(y);
      pixel[2] = static_cast<uint8_t>(x ^ y);
      pixel[3] = 255;
    }
  }
  return PublishOrThrow(info.Env(), frame);
}

Napi::Value FrameFrom(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  Frame frame{};
  if (!Extents(info, 1, 4, &frame)) return env.Undefined();
  // After the arguments above, no JavaScript runs between this look and the copy.
  if (!info[0].IsTypedArray() ||
      info[0].As<Napi::TypedArray>().TypedArrayType() != napi_uint8_array)
    return Throw(env, NBUF_ERR_INVALID_ARG_TYPE, "bytes: expected a Uint8Array");
  const auto bytes = info[0].As<Napi::Uint8Array>();
  const int64_t row = frame.width * frame.channels;
  const auto size = static_cast<int64_t>(bytes.ByteLength());
  if (size != row * frame.height) {
    const std::string message = "bytes: expected width * height * channels = " +
                                std::to_string(row * frame.height) + " of them, found " +
                                std::to_string(size);
    return Throw(env, NBUF_ERR_OUT_OF_RANGE, message.c_str());
  }
  if (!Allocate(env, &frame)) return env.Undefined();
  for (int64_t y = 0; y < frame.height; y++)
    std::memcpy(frame.pixels + y * frame.row_stride, bytes.Data() + y * row,
                static_cast<size_t>(row));
  return PublishOrThrow(env, frame);
}

Napi::Value LiveFrames(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(live_frames.load()));
}

Napi::Object Init(Napi::Env env, Napi::Object exports) {
  const nbuf_status status = nbuf_env_init(env, exports);
  if (status != NBUF_OK) {
    Throw(env, status, nbuf_status_message(status));
    return exports;
  }
  exports.Set("makeFrame", Napi::Function::New(env, MakeFrame, "makeFrame"));
  exports.Set("frameFrom", Napi::Function::New(env, FrameFrom, "frameFrom"));
  exports.Set("liveFrames", Napi::Function::New(env, LiveFrames, "liveFrames"));
  return exports;
}

}  // namespace

NODE_API_MODULE(frame, Init)
