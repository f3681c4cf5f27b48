//! Letters, signs and accents.

use pulldown_latex::event::{Font as Written, Style};

use super::{AXIS, Over, RULE, SCRIPT, Setter};
use crate::formula::boxes::SetBox;
use crate::formula::fonts::Font;
use crate::formula::tree::{Node, Symbol};

/// The width of an accent that is stretched no further.
const WIDEST_ACCENT: f32 = 60.0;

impl Setter<'_> {
    pub(super) fn symbol(&mut self, symbol: &Symbol) -> SetBox {
        let scale = self.scale();
        let mut characters = symbol.text.chars();
        let (first, only) = (characters.next().unwrap_or(' '), characters.next().is_none());
        if symbol.large && only {
            return self.large(first, symbol);
        }
        if let Some(size) = symbol.size {
            let set = self.grown(first, size * scale, symbol.color);
            let lower = (set.height - set.depth) / 2.0 - AXIS * scale;
            return set.lowered(lower);
        }
        let mut set = SetBox::default();
        for c in symbol.text.chars() {
            if c.is_whitespace() {
                set.append(SetBox::space(0.3 * scale));
                continue;
            }
            if c == '′' && matches!(self.style, Style::Display | Style::Text) {
                if let Some(glyph) = self.fonts.glyph(Font::Main, c) {
                    let small = SCRIPT * scale;
                    let prime = SetBox::glyph(glyph, small, small, symbol.color).lowered(-0.36 * scale);
                    set.append(prime);
                }
                continue;
            }
            let (fonts, c) = fonts(c, symbol);
            if let Some(glyph) = self.fonts.first(fonts, c) {
                set.append(SetBox::glyph(glyph, scale, scale, symbol.color));
                if bold(symbol.font) {
                    // No bold font is embedded: the letter once more, beside itself.
                    let again = SetBox::glyph(glyph, scale, scale, symbol.color);
                    let x = set.width - again.width + 0.025 * scale;
                    set.put(again, x, 0.0);
                }
            }
        }
        set
    }

    /// A sum or an integral: large in displays, with its middle on the axis.
    fn large(&mut self, c: char, symbol: &Symbol) -> SetBox {
        let scale = self.scale();
        let fonts = if self.style == Style::Display { [Font::Size2] } else { [Font::Size1] };
        let Some(glyph) = self.fonts.first(&fonts, c) else { return SetBox::default() };
        let set = SetBox::glyph(glyph, scale, scale, symbol.color);
        let lower = (set.height - set.depth) / 2.0 - AXIS * scale;
        set.lowered(lower)
    }

    /// What stands above or below something of this width.
    pub(super) fn over(&mut self, node: &Node, style: Style, width: f32) -> Over {
        let scale = self.scale();
        let Some(symbol) = accent(node) else { return Over { set: self.styled(style, node), accent: false } };
        let c = symbol.text.chars().next().unwrap_or(' ');
        if matches!(c, '‾' | '_' | '¯') {
            let set = SetBox::bar(width.min(WIDEST_ACCENT), RULE * scale, 0.0, symbol.color);
            return Over { set, accent: true };
        }
        if "⏞⏜⎴⏠⏟⏝⎵⏡".contains(c) {
            let set = bracket(width.min(WIDEST_ACCENT), scale, "⏞⏜⎴⏠".contains(c), symbol.color);
            return Over { set, accent: true };
        }
        let Some(glyph) = self.fonts.first(&[Font::Main], shown(c)) else {
            return Over { set: SetBox::default(), accent: true };
        };
        let stretched = symbol.stretchy;
        let across = if stretched && glyph.advance > 0.0 {
            (width / glyph.advance).clamp(scale, WIDEST_ACCENT)
        } else {
            scale
        };
        let high = if stretched { scale } else { 0.8 * scale };
        let mut set = SetBox::glyph(
            glyph,
            across.min(if stretched { across } else { 0.8 * scale }),
            high,
            symbol.color,
        );
        // Accents are drawn high above the line, where a letter would be below them.
        let bottom = lowest(glyph.height, glyph.depth, c) * high;
        set = set.lowered(bottom);
        set.depth = 0.0;
        Over { set, accent: true }
    }
}

/// A brace that lies on its side, above or below something of this width: a bar with ends, and a tick in its middle.
fn bracket(width: f32, scale: f32, above: bool, color: Option<greenroom_deck::Rgb>) -> SetBox {
    let (rule, end) = (RULE * scale, 0.14 * scale);
    let bar = |width: f32, height: f32, y: f32| SetBox::bar(width, height, y, color);
    let mut set = SetBox::space(width);
    let (ends, tick) = if above { (-rule - end, -rule - 2.0 * end) } else { (-rule - end, -rule) };
    let line = -rule - if above { end } else { 0.0 };
    set.put(bar(width, rule, line), 0.0, 0.0);
    for x in [0.0, width - rule] {
        set.put(bar(rule, end + rule, ends), x, 0.0);
    }
    set.put(bar(rule, end + rule, tick), (width - rule) / 2.0, 0.0);
    set
}

/// How far above the line an accent's ink begins, about.
fn lowest(height: f32, depth: f32, c: char) -> f32 {
    let ink = match c {
        '^' | 'ˇ' | '˘' | '´' | '`' | '˚' => 0.2,
        '~' | '˙' | '¨' => 0.12,
        '→' | '←' | '↔' => 0.45,
        _ => height + depth,
    };
    (height - ink).max(0.0)
}

/// The sign that an accent is drawn with.
const fn shown(c: char) -> char {
    match c {
        '^' => 'ˆ',
        '~' => '˜',
        '´' => 'ˊ',
        '`' => 'ˋ',
        c => c,
    }
}

fn accent(node: &Node) -> Option<&Symbol> {
    match node {
        Node::Symbol(symbol) => {
            let c = symbol.text.chars().next()?;
            (symbol.stretchy || "^~‾_¯ˇ˘´`˙¨˚→←↔⏞⏟⏜⏝⎴⎵".contains(c)).then_some(symbol)
        }
        Node::Row(nodes) => match nodes.as_slice() {
            [one] => accent(one),
            _ => None,
        },
        _ => None,
    }
}

const fn bold(font: Option<Written>) -> bool {
    matches!(
        font,
        Some(
            Written::Bold
                | Written::BoldItalic
                | Written::BoldSymbol
                | Written::BoldScript
                | Written::BoldSansSerif
                | Written::SansSerifBoldItalic
                | Written::BoldFraktur
        )
    )
}

/// The fonts that are asked for a letter, and the letter that they have it as.
fn fonts(c: char, symbol: &Symbol) -> (&'static [Font], char) {
    let c = match c {
        '-' if !symbol.upright => '−',
        '\'' if !symbol.upright => '′',
        '\u{b5}' => 'μ',
        c => c,
    };
    match symbol.font {
        Some(Written::DoubleStruck | Written::DoubleStruckItalic) if c.is_ascii_uppercase() => {
            return (&[Font::Ams], c);
        }
        Some(Written::Script | Written::BoldScript) if c.is_ascii_uppercase() => {
            return (&[Font::Caligraphic], c);
        }
        Some(Written::Monospace) => return (&[Font::Mono], c),
        Some(Written::SansSerif | Written::BoldSansSerif | Written::SansSerifItalic) => {
            return (&[Font::Sans], c);
        }
        Some(Written::UpRight | Written::Bold) => return (&[Font::Main], c),
        _ => {}
    }
    if symbol.upright {
        return (&[Font::Main], c);
    }
    match c {
        'A'..='Z' | 'a'..='z' | 'α'..='ω' | 'ϑ' | 'ϕ' | 'ϖ' | 'ϱ' | 'ϵ' | 'ı' | 'ȷ' => {
            (&[Font::Italic], c)
        }
        _ => (&[Font::Main], c),
    }
}
