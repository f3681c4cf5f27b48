//! Setting a formula: TeX's rules, in short. Numbers are those of its fonts.

mod atoms;
mod grid;

use pulldown_latex::event::Style;

use super::boxes::{Mark, SetBox, Shape};
use super::fonts::{Font, Fonts, GROWING};
use super::tree::{Class, Limits, Node};

/// The thickness of bars.
const RULE: f32 = 0.045;
/// Where fractions and operators have their middle, above the line.
const AXIS: f32 = 0.25;
/// Scripts are so much smaller; scripts of scripts once more.
const SCRIPT: f32 = 0.7;
const SCRIPT_SCRIPT: f32 = 0.5;

/// Sets a whole formula, as a display.
pub(super) fn formula(tree: &Node, fonts: &mut Fonts) -> SetBox {
    Setter { fonts, style: Style::Display }.node(tree)
}

struct Setter<'f> {
    fonts: &'f mut Fonts,
    style: Style,
}

impl Setter<'_> {
    /// The size of letters in the present style.
    const fn scale(&self) -> f32 {
        match self.style {
            Style::Display | Style::Text => 1.0,
            Style::Script => SCRIPT,
            Style::ScriptScript => SCRIPT_SCRIPT,
        }
    }

    /// Sets `node` in another style.
    fn styled(&mut self, style: Style, node: &Node) -> SetBox {
        let before = std::mem::replace(&mut self.style, style);
        let set = self.node(node);
        self.style = before;
        set
    }

    fn script_style(&self) -> Style {
        match self.style {
            Style::Display | Style::Text => Style::Script,
            _ => Style::ScriptScript,
        }
    }

    fn node(&mut self, node: &Node) -> SetBox {
        match node {
            Node::Row(nodes) => self.row(nodes),
            Node::Symbol(symbol) => self.symbol(symbol),
            Node::Scripts { base, sub, sup, limits } => {
                self.scripts(base, sub.as_deref(), sup.as_deref(), *limits)
            }
            Node::Fraction { over, under, bar } => self.fraction(over, under, *bar),
            Node::Root { radicand, index } => self.root(radicand, index.as_deref()),
            Node::Negated(inner) => self.negated(inner),
            Node::Fenced { left, right, body } => {
                let body = self.node(body);
                self.fenced(*left, *right, body)
            }
            Node::Grid { kind, rows, small } => self.grid(kind, rows, *small),
            Node::Space(width) => SetBox::space(width * self.scale()),
            Node::Styled(style, inner) => self.styled(*style, inner),
        }
    }

    /// Pieces side by side, with the room between them that their classes ask for.
    fn row(&mut self, nodes: &[Node]) -> SetBox {
        let mut set = SetBox::default();
        let mut before: Option<Class> = None;
        for (index, node) in nodes.iter().enumerate() {
            let mut class = class(node);
            if class == Some(Class::Binary) {
                let after = nodes.iter().skip(index + 1).find_map(self::class);
                let alone = matches!(
                    before,
                    None | Some(
                        Class::Binary | Class::Relation | Class::Open | Class::Punctuation | Class::Operator
                    )
                ) || matches!(
                    after,
                    None | Some(Class::Relation | Class::Close | Class::Punctuation)
                );
                if alone {
                    class = Some(Class::Ordinary);
                }
            }
            if let (Some(left), Some(right)) = (before, class) {
                set.append(SetBox::space(self.gap(left, right)));
            }
            let piece = self.node(node);
            set.append(piece);
            before = class.or(before);
        }
        set
    }

    /// The room between two pieces.
    fn gap(&self, left: Class, right: Class) -> f32 {
        use Class::{Binary, Close, Inner, Open, Operator, Ordinary, Punctuation, Relation};
        const THIN: f32 = 3.0 / 18.0;
        let display = matches!(self.style, Style::Display | Style::Text);
        match (left, right) {
            (Operator, Ordinary | Operator) | (Ordinary | Close | Inner, Operator) => THIN * self.scale(),
            _ if !display => 0.0,
            (Open, _) | (_, Close | Punctuation) | (Relation, Relation) => 0.0,
            (Relation, _) | (_, Relation) if left != Punctuation => 5.0 / 18.0,
            (Binary, _) | (_, Binary) if left != Punctuation => 4.0 / 18.0,
            (Punctuation, _) | (Inner | Ordinary | Close | Operator, Inner) | (Inner, Ordinary | Open) => {
                THIN
            }
            _ => 0.0,
        }
    }

    fn fraction(&mut self, over: &Node, under: &Node, bar: bool) -> SetBox {
        let (scale, display) = (self.scale(), self.style == Style::Display);
        let style = if display { Style::Text } else { self.script_style() };
        let (over, under) = (self.styled(style, over), self.styled(style, under));
        let pad = 0.12 * scale;
        let width = over.width.max(under.width) + 2.0 * pad;
        let thick = if bar { RULE * scale } else { 0.0 };
        let gap = if display { 0.16 } else { 0.09 } * scale;
        let axis = AXIS * scale;
        let up = (axis + thick / 2.0 + gap + over.depth).max(if display { 0.677 } else { 0.42 } * scale);
        let down = (under.height + gap + thick / 2.0 - axis).max(if display { 0.686 } else { 0.345 } * scale);
        let mut set = SetBox::space(width + 0.1 * scale);
        let left = 0.05 * scale;
        if bar {
            set.put(SetBox::bar(width, thick, 0.0, None), left, -axis - thick / 2.0);
        }
        let (over_x, under_x) = ((width - over.width) / 2.0 + left, (width - under.width) / 2.0 + left);
        set.put(over, over_x, -up);
        set.put(under, under_x, down);
        set
    }

    fn root(&mut self, radicand: &Node, index: Option<&Node>) -> SetBox {
        let scale = self.scale();
        let body = self.node(radicand);
        let gap = if self.style == Style::Display { 0.12 } else { 0.08 } * scale;
        let thick = RULE * scale;
        let surd = self.grown('√', body.total() + gap + thick, None);
        // What the sign is longer than needed goes half above and half below.
        let spare = (surd.total() - body.total() - gap - thick).max(0.0) / 2.0;
        let top = body.height + gap + spare + thick;
        let mut set = SetBox::default();
        if let Some(index) = index {
            let index = self.styled(Style::ScriptScript, index);
            let width = (index.width - 0.28 * scale).max(0.0);
            let raise = top - surd.total() * 0.45;
            let lift = -(raise + index.depth);
            set.put(index, 0.0, lift);
            set.width = width;
        }
        let (height, mut left) = (surd.height, set.width);
        let surd_width = surd.width;
        set.put(surd, left, height - top);
        left += surd_width;
        set.put(SetBox::bar(body.width + 0.05 * scale, thick, 0.0, None), left - 0.01 * scale, -top);
        set.width = left + body.width + 0.08 * scale;
        set.put(body, left, 0.0);
        set.height += 0.04 * scale;
        set
    }

    fn negated(&mut self, inner: &Node) -> SetBox {
        let mut set = self.node(inner);
        let (width, height) = (0.35 * self.scale(), (set.total() + 0.2).max(0.7) * self.scale());
        let low = set.depth + (height - set.total()) / 2.0;
        let x = (set.width - width) / 2.0;
        let slash = Mark { x: 0.0, y: 0.0, shape: Shape::Slash { width, height }, color: None };
        set.put(SetBox { height, marks: vec![slash], ..SetBox::default() }, x, low);
        set
    }

    fn scripts(&mut self, base: &Node, sub: Option<&Node>, sup: Option<&Node>, limits: Limits) -> SetBox {
        let around = match limits {
            Limits::Around => true,
            Limits::Beside => false,
            Limits::Movable => self.style == Style::Display,
        };
        let style = self.script_style();
        if around {
            let base = self.node(base);
            let above = sup.map(|sup| self.over(sup, style, base.width));
            let below = sub.map(|sub| self.over(sub, style, base.width));
            return self.around(base, above, below);
        }
        let set = self.node(base);
        let sub = sub.map(|sub| self.styled(style, sub));
        let sup = sup.map(|sup| self.styled(style, sup));
        self.beside(set, is_letter(base), sub, sup)
    }

    /// Scripts at the right of `set`.
    fn beside(&self, mut set: SetBox, letter: bool, sub: Option<SetBox>, sup: Option<SetBox>) -> SetBox {
        let scale = self.scale();
        let (mut up, mut down) = if letter {
            (0.36 * scale, 0.15 * scale)
        } else {
            ((set.height - 0.27 * scale).max(0.36 * scale), (set.depth + 0.05 * scale).max(0.15 * scale))
        };
        if let Some(sup) = &sup {
            up = up.max(sup.depth + 0.11 * scale);
        }
        if let Some(sub) = &sub {
            down = down.max(sub.height - 0.35 * scale);
            if let Some(sup) = &sup {
                down = down.max(0.247 * scale);
                let between = (up - sup.depth) - (sub.height - down);
                if between < 4.0 * RULE * scale {
                    down += 4.0 * RULE * scale - between;
                }
            }
        }
        let (x, lean) = (set.width, set.lean);
        let mut width = 0.0_f32;
        if let Some(sup) = sup {
            width = width.max(sup.width + lean);
            set.put(sup, x + lean + 0.02 * scale, -up);
        }
        if let Some(sub) = sub {
            width = width.max(sub.width);
            set.put(sub, x, down);
        }
        (set.width, set.lean) = (x + width + 0.06 * scale, 0.0);
        set
    }

    /// What stands above and below `base`, in its middle.
    fn around(&self, base: SetBox, above: Option<Over>, below: Option<Over>) -> SetBox {
        let scale = self.scale();
        let wide = |over: &Option<Over>| over.as_ref().map_or(0.0, |over| over.set.width);
        let width = base.width.max(wide(&above)).max(wide(&below));
        let mut set = SetBox::space(width);
        let middle = |part: &SetBox| (width - part.width) / 2.0;
        let (height, depth, lean) = (base.height, base.depth, base.lean / 2.0);
        let x = middle(&base);
        set.put(base, x, 0.0);
        if let Some(Over { set: part, accent }) = above {
            let gap = if accent { 0.06 } else { 0.15 } * scale;
            let (x, y) = (middle(&part) + lean, -(height + gap + part.depth));
            set.put(part, x, y);
        }
        if let Some(Over { set: part, accent }) = below {
            let gap = if accent { 0.06 } else { 0.15 } * scale;
            let (x, y) = (middle(&part), depth + gap + part.height);
            set.put(part, x, y);
        }
        set
    }

    fn fenced(&mut self, left: Option<char>, right: Option<char>, body: SetBox) -> SetBox {
        let scale = self.scale();
        let axis = AXIS * scale;
        let reach = (body.height - axis).max(body.depth + axis) * 2.0;
        let wanted = (reach * 0.92).max(reach - 0.5 * scale);
        let mut set = SetBox::default();
        if let Some(left) = left {
            let fence = self.grown_on_axis(left, wanted);
            set.append(fence);
        }
        set.append(body);
        if let Some(right) = right {
            let fence = self.grown_on_axis(right, wanted);
            set.append(fence);
        }
        set
    }

    /// A delimiter of at least `wanted`, with its middle on the axis.
    fn grown_on_axis(&mut self, c: char, wanted: f32) -> SetBox {
        let axis = AXIS * self.scale();
        let set = self.grown(c, wanted, None);
        let lower = (set.height - set.depth) / 2.0 - axis;
        set.lowered(lower)
    }

    /// A sign of at least `wanted` from top to bottom.
    fn grown(&mut self, c: char, wanted: f32, color: Option<greenroom_deck::Rgb>) -> SetBox {
        let scale = self.scale();
        let c = match c {
            '⟨' | '〈' => '⟨',
            '⟩' | '〉' => '⟩',
            '|' | '∣' => '∣',
            '‖' => '∥',
            c => c,
        };
        let mut largest = None;
        for font in GROWING {
            if let Some(glyph) = self.fonts.glyph(font, c) {
                let set = SetBox::glyph(glyph, scale, scale, color);
                if set.total() >= wanted {
                    return set;
                }
                largest = Some(glyph);
            }
        }
        let Some(glyph) = largest.or_else(|| self.fonts.first(&[Font::Main], c)) else {
            return SetBox::default();
        };
        let total = (glyph.height + glyph.depth).max(0.1);
        let down = (wanted / total).max(scale);
        SetBox::glyph(glyph, scale, down, color)
    }
}

/// What stands above or below something.
struct Over {
    set: SetBox,
    /// It belongs to what it stands over, as a hat.
    accent: bool,
}

/// What a node is to its neighbours; nothing for a space.
fn class(node: &Node) -> Option<Class> {
    match node {
        Node::Space(_) => None,
        Node::Symbol(symbol) => Some(symbol.class),
        Node::Row(nodes) => match nodes.as_slice() {
            [] => None,
            [one] => class(one),
            _ => Some(Class::Ordinary),
        },
        Node::Scripts { base, .. } => class(base),
        Node::Negated(inner) | Node::Styled(_, inner) => class(inner),
        Node::Fraction { .. } | Node::Fenced { .. } => Some(Class::Inner),
        Node::Root { .. } | Node::Grid { .. } => Some(Class::Ordinary),
    }
}

/// Whether it is a single letter, whose scripts stand where they always do.
fn is_letter(node: &Node) -> bool {
    match node {
        Node::Symbol(symbol) => !symbol.large && symbol.text.chars().count() == 1,
        Node::Row(nodes) => matches!(nodes.as_slice(), [one] if is_letter(one)),
        _ => false,
    }
}
