"""QR codes (ISO/IEC 18004): bytes mode, error correction level L, versions 1 to 20.

Enough for the addresses that a voucher and an authenticator app need, and one dependency less.
"""

EC_PER_BLOCK = (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28)
BLOCKS = (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8)
"""Error correction codewords in a block, and blocks, of each version at level L."""

QUIET_ZONE = 4
MODULE_PIXELS = 4
MASK = 0
FORMAT_LEVEL_L = 0b01

Grid = list[list[bool | None]]
"""Rows of modules: dark, light, or not yet decided."""


def svg(text: str) -> str:
    """A scannable code for a text of up to 858 bytes of UTF-8.

    Raises:
        ValueError: the text is too long.
    """
    modules = matrix(text.encode())
    side = (len(modules) + 2 * QUIET_ZONE) * MODULE_PIXELS
    path = "".join(
        f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h1v1h-1z"
        for y, row in enumerate(modules)
        for x, dark in enumerate(row)
        if dark
    )
    box = len(modules) + 2 * QUIET_ZONE
    # Single quotes and no "#": clients put this into a data: address unescaped.
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{side}' height='{side}' "
        f"viewBox='0 0 {box} {box}' shape-rendering='crispEdges'>"
        f"<rect width='{box}' height='{box}' fill='white'/>"
        f"<path fill='black' d='{path}'/></svg>"
    )


def matrix(data: bytes) -> list[list[bool]]:
    """The modules of the smallest code that holds the data: rows, True for dark."""
    version = _smallest_version(len(data))
    side = version * 4 + 17
    grid: Grid = [[None] * side for _ in range(side)]
    _draw_fixed_patterns(grid, version)
    fixed = [[module is not None for module in row] for row in grid]
    _draw_data(grid, fixed, _codewords(data, version))
    return [[bool(module) for module in row] for row in grid]


def _capacity(version: int) -> tuple[int, int]:
    """Codewords in all, and those of them that carry data."""
    bits = (16 * version + 128) * version + 64
    if version >= 2:
        alignments = version // 7 + 2
        bits -= (25 * alignments - 10) * alignments - 55
        if version >= 7:
            bits -= 36
    total = bits // 8
    return total, total - EC_PER_BLOCK[version - 1] * BLOCKS[version - 1]


def _length_bits(version: int) -> int:
    return 8 if version < 10 else 16


def _smallest_version(length: int) -> int:
    for version in range(1, len(BLOCKS) + 1):
        needed = 4 + _length_bits(version) + 8 * length
        if needed <= _capacity(version)[1] * 8:
            return version
    raise ValueError(f"{length} bytes do not fit into a QR code of version {len(BLOCKS)}")


def _codewords(data: bytes, version: int) -> list[int]:
    """Data and error correction, interleaved block by block."""
    total, room = _capacity(version)
    bits = "0100" + f"{len(data):0{_length_bits(version)}b}"
    bits += "".join(f"{byte:08b}" for byte in data)
    bits += "0" * min(4, room * 8 - len(bits))
    bits += "0" * (-len(bits) % 8)
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    words += [(0xEC, 0x11)[at % 2] for at in range(room - len(words))]

    count, ec_length = BLOCKS[version - 1], EC_PER_BLOCK[version - 1]
    short, longer = room // count, room % count
    generator = _generator(ec_length)
    blocks: list[list[int]] = []
    start = 0
    for number in range(count):
        size = short + (number >= count - longer)
        blocks.append(words[start : start + size])
        start += size
    corrections = [_remainder(block, generator) for block in blocks]
    result = [block[at] for at in range(short + 1) for block in blocks if at < len(block)]
    result += [block[at] for at in range(ec_length) for block in corrections]
    assert len(result) == total
    return result


def _multiply(x: int, y: int) -> int:
    """In the field of 256 elements with the polynomial 0x11D."""
    product = 0
    for bit in range(7, -1, -1):
        product = (product << 1) ^ ((product >> 7) * 0x11D)
        product ^= ((y >> bit) & 1) * x
    return product


def _generator(degree: int) -> list[int]:
    """Reed-Solomon generator polynomial without its leading one."""
    result = [0] * (degree - 1) + [1]
    root = 1
    for _ in range(degree):
        for at in range(degree):
            result[at] = _multiply(result[at], root)
            if at + 1 < degree:
                result[at] ^= result[at + 1]
        root = _multiply(root, 2)
    return result


def _remainder(block: list[int], generator: list[int]) -> list[int]:
    result = [0] * len(generator)
    for word in block:
        factor = word ^ result[0]
        result = [*result[1:], 0]
        result = [
            old ^ _multiply(part, factor) for old, part in zip(result, generator, strict=True)
        ]
    return result


def _draw_fixed_patterns(grid: Grid, version: int) -> None:
    side = len(grid)
    for at in range(side):
        grid[6][at] = grid[at][6] = at % 2 == 0
    for row, column in ((3, 3), (3, side - 4), (side - 4, 3)):
        _draw_rings(grid, row, column, reach=4, light=(2, 4))
    centres = _alignment_centres(version)
    for row in centres:
        for column in centres:
            in_finder = (row, column) in (
                (6, 6),
                (6, centres[-1]),
                (centres[-1], 6),
            )
            if not in_finder:
                _draw_rings(grid, row, column, reach=2, light=(1,))
    _draw_format(grid)
    if version >= 7:
        _draw_version(grid, version)


def _draw_rings(grid: Grid, row: int, column: int, *, reach: int, light: tuple[int, ...]) -> None:
    for y in range(max(0, row - reach), min(len(grid), row + reach + 1)):
        for x in range(max(0, column - reach), min(len(grid), column + reach + 1)):
            grid[y][x] = max(abs(y - row), abs(x - column)) not in light


def _alignment_centres(version: int) -> list[int]:
    if version == 1:
        return []
    count = version // 7 + 2
    step = (version * 8 + count * 3 + 5) // (count * 4 - 4) * 2
    last = version * 4 + 10
    return [6, *(last - step * at for at in range(count - 2, -1, -1))]


def _draw_format(grid: Grid) -> None:
    """Level and mask, protected by a BCH code, twice."""
    side = len(grid)
    data = FORMAT_LEVEL_L << 3 | MASK
    rest = data
    for _ in range(10):
        rest = (rest << 1) ^ ((rest >> 9) * 0x537)
    bits = (data << 10 | rest) ^ 0x5412
    around = [*((8, y) for y in (0, 1, 2, 3, 4, 5, 7, 8)), *((x, 8) for x in (7, 5, 4, 3, 2, 1, 0))]
    apart = [
        *((side - 1 - at, 8) for at in range(8)),
        *((8, side - 15 + at) for at in range(8, 15)),
    ]
    for places in (around, apart):
        for at, (x, y) in enumerate(places):
            grid[y][x] = bool(bits >> at & 1)
    grid[side - 8][8] = True


def _draw_version(grid: Grid, version: int) -> None:
    side = len(grid)
    rest = version
    for _ in range(12):
        rest = (rest << 1) ^ ((rest >> 11) * 0x1F25)
    bits = version << 12 | rest
    for at in range(18):
        far, near = side - 11 + at % 3, at // 3
        grid[near][far] = grid[far][near] = bool(bits >> at & 1)


def _draw_data(grid: Grid, fixed: list[list[bool]], words: list[int]) -> None:
    """Fill columns of two from the right, up and down in turn, masked."""
    side = len(grid)
    at = 0
    rights = [right if right > 6 else right - 1 for right in range(side - 1, 0, -2)]
    for number, right in enumerate(rights):
        for step in range(side):
            y = side - 1 - step if number % 2 == 0 else step
            for x in (right, right - 1):
                if fixed[y][x]:
                    continue
                bit = at < len(words) * 8 and bool(words[at // 8] >> (7 - at % 8) & 1)
                at += 1
                grid[y][x] = bit ^ ((x + y) % 2 == 0)
