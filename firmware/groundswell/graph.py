"""What a .tflite file says, as tensors and operators: the schema is known here and nowhere else.

https://github.com/google-ai-edge/LiteRT/blob/main/tflite/converter/schema/schema.fbs; a field's
number is its place in its table there. Whether we can run it is for layers.py and model.py to say.
"""

from collections import namedtuple

from groundswell import flatbuffer, scales
from groundswell.flatbuffer import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from groundswell.flatbuffer import Bytes, Table
    from groundswell.scales import Real

INT8 = 9
INT32 = 2
_TYPES = "float32 float16 int32 uint8 int64 string bool int16 complex64 int8"  # one text: one name
CUSTOM = 32
_MAX_DIMENSION = 1 << 20

Tensor = namedtuple(
    "Tensor",
    (
        "shape",
        "kind",  # INT8, INT32, ...
        "quantisation",  # a Table or None, see scale_of
        "start",  # first byte of constant data in the file
        "data_bytes",  # 0: no constant
    ),
)
Operator = namedtuple(
    "Operator",
    (
        "code",
        "name",  # of a custom operator, else ""
        "inputs",  # indices of tensors; -1 is an input left out
        "outputs",
        "options_kind",
        "options",  # a Table or None
    ),
)
Graph = namedtuple("Graph", ("tensors", "operators", "input", "output"))


def read(file: "Bytes") -> Graph:
    model = flatbuffer.root(file, b"TFL3")
    graphs = model.tables(2)
    if len(graphs) != 1:
        raise ModelError(f"{len(graphs)} subgraphs instead of one")
    graph = graphs[0]
    buffers = [_extent(buffer) for buffer in model.tables(4)]
    tensors = [_tensor(table, buffers) for table in graph.tables(0)]
    codes = [_code(table) for table in model.tables(1)]
    operators = [_operator(table, codes) for table in graph.tables(3)]
    inputs, outputs = graph.numbers(1), graph.numbers(2)
    if len(inputs) != 1 or len(outputs) != 1:
        raise ModelError(f"{len(inputs)} inputs and {len(outputs)} outputs instead of one each")
    for ends in [one.inputs + one.outputs for one in operators] + [inputs, outputs]:
        if not all([-1 <= index < len(tensors) for index in ends]):
            raise ModelError("a tensor that does not exist")
    return Graph(tensors, operators, inputs[0], outputs[0])


def kind_name(kind: int) -> str:
    names = _TYPES.split(" ")
    return names[kind] if 0 <= kind < len(names) else f"type {kind}"


def size_of(shape: "tuple[int, ...]") -> int:
    """Return the number of elements."""
    size = 1
    for dimension in shape:
        size *= dimension
    return size


def scale_count(tensor: Tensor) -> int:
    """Return 1 or the number of channels; 0: not quantised."""
    if tensor.quantisation is None:
        return 0
    count: int = tensor.quantisation.vector(2, 4)[1]
    return count if tensor.quantisation.vector(3, 8)[1] == count else 0


def scale_of(tensor: Tensor, channel: int = 0) -> "Real":
    start, count = tensor.quantisation.vector(2, 4)
    at = start + 4 * channel if count > 1 else start
    return scales.from_float_bits(flatbuffer.unsigned(tensor.quantisation.file, at, 4))


def zero_of(tensor: Tensor, channel: int = 0) -> int:
    start, count = tensor.quantisation.vector(3, 8)
    at = start + 8 * channel if count > 1 else start
    return flatbuffer.signed(tensor.quantisation.file, at, 8)


def channel_dimension(tensor: Tensor) -> int:
    """Return the dimension that the scales go along."""
    dimension: int = tensor.quantisation.number(6)
    return dimension


def _extent(buffer: "Table") -> "tuple[int, int]":
    if buffer.number(1, width=8) > 1:  # offset, of data behind the FlatBuffer
        raise ModelError("data outside the container")
    return buffer.vector(0, 1)


def _tensor(table: "Table", buffers: "list[tuple[int, int]]") -> Tensor:
    shape = table.numbers(0)
    buffer = table.number(2)
    if not all([1 <= dimension <= _MAX_DIMENSION for dimension in shape]) or len(shape) > 8:
        raise ModelError(f"shape {shape}")
    if not 0 <= buffer < len(buffers):
        raise ModelError(f"buffer {buffer} does not exist")
    if table.table(6) is not None:
        raise ModelError("a sparse tensor")
    return Tensor(shape, table.number(1, width=1), table.table(4), *buffers[buffer])


def _code(table: "Table") -> "tuple[int, str]":
    code = max(table.number(0, width=1), table.number(3))  # the first one ends at 127
    return code, table.text(1) if code == CUSTOM else ""


def _operator(table: "Table", codes: "list[tuple[int, str]]") -> Operator:
    index = table.number(0)
    if not 0 <= index < len(codes):
        raise ModelError(f"operator code {index} does not exist")
    code, name = codes[index]
    kind = table.number(3, width=1)
    return Operator(code, name, table.numbers(1), table.numbers(2), kind, table.table(4))
