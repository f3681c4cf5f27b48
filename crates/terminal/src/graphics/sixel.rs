//! Sixels: six rows of pixels at a time, one colour at a time.

use super::write;
use greenroom_frame::Picture;

/// Colours in a palette.
const COLOURS: usize = 255;
/// Pixels less opaque than this are left out.
const OPAQUE: u8 = 128;
/// No screen is larger.
const MAX_SIDE: u32 = 4096;
/// Colours are told apart by this many bits a channel before a palette is chosen.
const BITS: u32 = 5;

/// Writes a picture stretched to this many pixels, in parts of at most `part` pixels across and down; `go` moves the cursor to a part's
/// place. The height is rounded down to whole bands of six, so that the last one cannot scroll the screen.
pub(crate) fn encode(
    picture: &Picture,
    (width, height): (u32, u32),
    part: (u32, u32),
    go: impl Fn((u32, u32), &mut Vec<u8>),
    out: &mut Vec<u8>,
) {
    let (width, height) = (width.min(MAX_SIDE), height.min(MAX_SIDE));
    let pixels = stretch(picture, width, height);
    let (wide, high) = (part.0.max(1), part.1.max(1));
    for top in (0..height).step_by(high as usize) {
        let rest = height - top;
        let rows = if rest > high { high } else { rest / 6 * 6 };
        let lines = || pixels.chunks(width.max(1) as usize).skip(top as usize).take(rows as usize);
        for left in (0..width).step_by(wide as usize).filter(|_| rows > 0) {
            let columns = wide.min(width - left);
            let part = lines().filter_map(|line| line.get(left as usize..(left + columns) as usize));
            go((left, top), out);
            one(&part.collect::<Vec<_>>().concat(), (columns, rows), out);
        }
    }
}

/// One picture of exactly these pixels.
fn one(pixels: &[[u8; 4]], (width, height): (u32, u32), out: &mut Vec<u8>) {
    let palette = Palette::of(pixels);
    // 1: what is not drawn keeps what was there.
    write(out, format_args!("\x1bP0;1;0q\"1;1;{width};{height}"));
    for (index, colour) in palette.colours.iter().enumerate() {
        let [r, g, b] = colour.map(|channel| (u32::from(channel) * 100 + 127) / 255);
        write(out, format_args!("#{index};2;{r};{g};{b}"));
    }
    let columns = width.max(1) as usize;
    for (index, band) in pixels.chunks(columns * 6).enumerate() {
        // Between bands only: after the last it could scroll the screen.
        if index > 0 {
            out.push(b'-');
        }
        palette.band(band, columns, out);
    }
    out.extend_from_slice(b"\x1b\\");
}

/// The pixels at another size, each the nearest or, when there are fewer, the mean of those it stands for.
fn stretch(picture: &Picture, width: u32, height: u32) -> Vec<[u8; 4]> {
    let (across, down) = (u64::from(picture.width), u64::from(picture.height));
    let range = |index: u32, parts: u32, length: u64| {
        let at = |index: u64| index * length / u64::from(parts.max(1));
        let start = at(u64::from(index));
        start..at(u64::from(index) + 1).max(start + 1)
    };
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    for y in 0..height {
        for x in 0..width {
            let (mut sum, mut alpha, mut count) = ([0_u64; 3], 0, 0);
            for row in range(y, height, down) {
                for column in range(x, width, across) {
                    let at = usize::try_from((row * across + column) * 4).unwrap_or(usize::MAX);
                    let Some([r, g, b, a]) = picture.rgba.get(at..at.saturating_add(4)) else { continue };
                    let opaque = u64::from(*a);
                    for (sum, channel) in sum.iter_mut().zip([r, g, b]) {
                        *sum += u64::from(*channel) * opaque;
                    }
                    alpha += opaque;
                    count += 1;
                }
            }
            let mean = |sum: u64, of: u64| u8::try_from(sum.checked_div(of).unwrap_or(0)).unwrap_or(u8::MAX);
            let [r, g, b] = sum.map(|sum| mean(sum, alpha));
            pixels.push([r, g, b, mean(alpha, count)]);
        }
    }
    pixels
}

/// Up to 255 colours, and which of them stands for each bin of similar colours.
struct Palette {
    colours: Vec<[u8; 3]>,
    of_bin: Vec<u8>,
}

/// How many pixels fell into a bin, and the sum of their channels.
#[derive(Clone, Copy, Default)]
struct Bin {
    count: u64,
    sum: [u64; 3],
}

/// Where in the list of bins a pixel's colour is.
fn bin([r, g, b, _]: [u8; 4]) -> usize {
    [r, g, b].into_iter().fold(0, |bin, channel| bin << BITS | usize::from(channel >> (8 - BITS)))
}

impl Palette {
    /// By median cut: the box of bins with the most spread is cut in two halves of equal weight, until there
    /// are as many boxes as colours.
    fn of(pixels: &[[u8; 4]]) -> Self {
        let mut bins = vec![Bin::default(); 1 << (3 * BITS)];
        for pixel in pixels.iter().filter(|pixel| pixel[3] >= OPAQUE) {
            if let Some(bin) = bins.get_mut(bin(*pixel)) {
                bin.count += 1;
                for (sum, channel) in bin.sum.iter_mut().zip(pixel) {
                    *sum += u64::from(*channel);
                }
            }
        }
        let used: Vec<usize> = (0..bins.len()).filter(|at| bins[*at].count > 0).collect();
        let mut boxes = vec![used];
        while boxes.len() < COLOURS {
            let spread = boxes.iter().enumerate().map(|(at, inside)| (widest(inside, &bins), at));
            let Some(((spread, channel), at)) = spread.max() else { break };
            if spread == 0 {
                break;
            }
            let upper = cut(&mut boxes[at], channel, &bins);
            boxes.push(upper);
        }
        let mut palette = Self { colours: Vec::new(), of_bin: vec![0; bins.len()] };
        for inside in boxes.iter().filter(|inside| !inside.is_empty()) {
            let index = u8::try_from(palette.colours.len()).unwrap_or(u8::MAX);
            let mut mean = Bin::default();
            for at in inside {
                palette.of_bin[*at] = index;
                mean.count += bins[*at].count;
                mean.sum = std::array::from_fn(|channel| mean.sum[channel] + bins[*at].sum[channel]);
            }
            palette.colours.push(mean.sum.map(|sum| u8::try_from(sum / mean.count).unwrap_or(u8::MAX)));
        }
        palette
    }

    /// Which colour draws a pixel, if any does.
    fn index(&self, pixel: [u8; 4]) -> Option<u8> {
        if pixel[3] < OPAQUE { None } else { self.of_bin.get(bin(pixel)).copied() }
    }

    /// One band: for each colour in it, the pixels of that colour as one character a column.
    fn band(&self, pixels: &[[u8; 4]], columns: usize, out: &mut Vec<u8>) {
        let mut rows: Vec<Vec<u8>> = vec![Vec::new(); self.colours.len()];
        for (row, line) in pixels.chunks(columns).enumerate() {
            for (column, pixel) in line.iter().enumerate() {
                let Some(sixels) = self.index(*pixel).and_then(|index| rows.get_mut(usize::from(index)))
                else {
                    continue;
                };
                sixels.resize(columns, 0);
                sixels[column] |= 1 << row;
            }
        }
        for (index, sixels) in rows.iter().enumerate().filter(|(_, sixels)| !sixels.is_empty()) {
            write(out, format_args!("#{index}"));
            for run in sixels.chunk_by(|a, b| a == b) {
                let character = run.first().map_or('?', |bits| char::from(b'?' + bits));
                match run.len() {
                    count @ 0..=3 => (0..count).for_each(|_| write(out, format_args!("{character}"))),
                    count => write(out, format_args!("!{count}{character}")),
                }
            }
            out.push(b'$');
        }
    }
}

/// A channel of a bin, 0 to 31.
fn channel_of(bin: usize, channel: usize) -> usize {
    bin >> (BITS as usize * (2 - channel)) & ((1 << BITS) - 1)
}

/// How much a box is worth cutting, and across which channel.
fn widest(inside: &[usize], bins: &[Bin]) -> (u64, usize) {
    let weight: u64 = inside.iter().map(|at| bins[*at].count).sum();
    let spread = |channel| {
        let values = || inside.iter().map(|at| channel_of(*at, channel));
        let spread = values().max().unwrap_or(0) - values().min().unwrap_or(0);
        (spread as u64 * (weight.isqrt() + 1), channel)
    };
    (0..3).map(spread).max().unwrap_or((0, 0))
}

/// Cuts a box where half of its pixels lie on either side; returns the upper half. Neither is empty.
fn cut(inside: &mut Vec<usize>, channel: usize, bins: &[Bin]) -> Vec<usize> {
    inside.sort_by_key(|at| channel_of(*at, channel));
    let half = inside.iter().map(|at| bins[*at].count).sum::<u64>() / 2;
    let mut passed = 0;
    let middle = inside.iter().position(|at| {
        passed += bins[*at].count;
        passed > half
    });
    let last = inside.len().saturating_sub(1);
    inside.split_off(middle.unwrap_or(1).clamp(1, last.max(1)))
}
