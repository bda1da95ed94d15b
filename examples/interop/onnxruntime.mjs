// onnxruntime: a view goes in as a tensor, and the output comes back, neither copied by nbuf.
import assert from 'node:assert';
import { acquire, HostArray } from 'nbuf';
import { fromOnnx, toOnnx } from 'nbuf/interop';
import { InferenceSession, Tensor } from 'onnxruntime-node';

// A model of one node, y = x + x, any number of rows and columns of float32.
const model = Buffer.from(
  'CAg6OwoOCgF4CgF4EgF5IgNBZGQSAWdaEgoBeBINCgsIARIHCgMSAWgKADoAYhIKAXkSDQoLCAESBwoDEgFoCgBCBAoAEBE=',
  'base64',
);
