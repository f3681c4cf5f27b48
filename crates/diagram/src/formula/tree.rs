//! A formula as a tree: what the parser's events say, without their order.

use greenroom_deck::Rgb;
use pulldown_latex::event::{
    ArrayColumn, ColorTarget, ColumnAlignment, Content, DelimiterSize, DelimiterType, DimensionUnit,
    EnvironmentFlow, Event, Font, Grouping, ScriptPosition, ScriptType, StateChange, Style, Visual,
};
use pulldown_latex::{Parser, Storage};

use super::FormulaError;

/// Groups within groups: no deeper.
const MAX_DEPTH: usize = 140;
/// A formula of more symbols is no formula.
const MAX_EVENTS: usize = 20_000;

/// What a symbol is to its neighbours, which the room between them follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Ordinary,
    Operator,
    Binary,
    Relation,
    Open,
    Close,
    Punctuation,
    /// A fraction, or what stands in fences.
    Inner,
}

/// Letters that stand together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Symbol {
    pub(super) text: String,
    pub(super) class: Class,
    pub(super) font: Option<Font>,
    pub(super) color: Option<Rgb>,
    /// Words, not variables.
    pub(super) upright: bool,
    /// A sum, an integral: larger in displays.
    pub(super) large: bool,
    /// How high a delimiter is asked to be, in parts of the size of the letters.
    pub(super) size: Option<f32>,
    /// As wide as what it stands over.
    pub(super) stretchy: bool,
}

/// Where scripts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limits {
    Beside,
    Around,
    /// Around in displays, beside in text.
    Movable,
}

/// How the cells of a grid stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum GridKind {
    /// Each column as it says; the letter is `l`, `c` or `r`.
    Columns(Vec<char>),
    /// Columns in pairs: right, left.
    Pairs,
    /// Rows in the middle.
    Rows,
    /// With a brace at one side.
    Cases { left: bool },
}

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Row(Vec<Node>),
    Symbol(Symbol),
    Scripts { base: Box<Node>, sub: Option<Box<Node>>, sup: Option<Box<Node>>, limits: Limits },
    Fraction { over: Box<Node>, under: Box<Node>, bar: bool },
    Root { radicand: Box<Node>, index: Option<Box<Node>> },
    Negated(Box<Node>),
    Fenced { left: Option<char>, right: Option<char>, body: Box<Node> },
    Grid { kind: GridKind, rows: Vec<Vec<Node>>, small: bool },
    Space(f32),
    Styled(Style, Box<Node>),
}

impl Node {
    const EMPTY: Self = Self::Row(Vec::new());
}

/// Reads a formula.
pub(super) fn read(source: &str) -> Result<Node, FormulaError> {
    let storage = Storage::new();
    let mut events = Vec::new();
    for event in Parser::new(source, &storage) {
        events.push(event.map_err(|error| super::explain(source, &error.to_string()))?);
        if events.len() > MAX_EVENTS {
            return Err(FormulaError::new(format!("the formula has more than {MAX_EVENTS} symbols"), 0));
        }
    }
    let mut reader = Reader { events: events.into_iter().peekable(), depth: 0 };
    let (rows, _) = reader.cells(State::default())?;
    Ok(Node::Row(rows.into_iter().flatten().collect()))
}

/// What holds until the end of a group.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    font: Option<Font>,
    color: Option<Rgb>,
}

struct Reader<'a> {
    events: std::iter::Peekable<std::vec::IntoIter<Event<'a>>>,
    depth: usize,
}

impl<'a> Reader<'a> {
    /// Everything up to the end of the group, as rows of cells; and whether the group was ended.
    fn cells(&mut self, mut state: State) -> Result<(Vec<Vec<Node>>, bool), FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FormulaError::new(format!("the formula is nested more than {MAX_DEPTH} deep"), 0));
        }
        let (mut rows, mut row, mut cell, mut ended) = (Vec::new(), Vec::new(), Cell::default(), false);
        while let Some(event) = self.events.next() {
            match event {
                Event::End => {
                    ended = true;
                    break;
                }
                Event::EnvironmentFlow(EnvironmentFlow::Alignment) => {
                    row.push(std::mem::take(&mut cell).finish());
                }
                Event::EnvironmentFlow(EnvironmentFlow::NewLine { .. }) => {
                    row.push(std::mem::take(&mut cell).finish());
                    rows.push(std::mem::take(&mut row));
                }
                Event::EnvironmentFlow(_) => {}
                Event::StateChange(StateChange::Style(style)) => cell.style(style),
                event => {
                    let node = self.element(event, &mut state)?;
                    cell.push(node);
                }
            }
        }
        if !cell.is_empty() || !row.is_empty() || rows.is_empty() {
            row.push(cell.finish());
            rows.push(row);
        }
        self.depth -= 1;
        Ok((rows, ended))
    }

    /// The next element; nothing where the formula ends.
    fn next(&mut self, state: &mut State) -> Result<Box<Node>, FormulaError> {
        let node = match self.events.next() {
            Some(event) => self.element(event, state)?,
            None => Node::EMPTY,
        };
        Ok(Box::new(node))
    }

    fn element(&mut self, event: Event<'a>, state: &mut State) -> Result<Node, FormulaError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(FormulaError::new(format!("the formula is nested more than {MAX_DEPTH} deep"), 0));
        }
        let node = match event {
            Event::Content(content) => Node::Symbol(symbol(content, *state)),
            Event::Begin(grouping) => self.group(&grouping, *state)?,
            Event::Visual(Visual::SquareRoot) => Node::Root { radicand: self.next(state)?, index: None },
            Event::Visual(Visual::Root) => {
                let radicand = self.next(state)?;
                Node::Root { radicand, index: Some(self.next(state)?) }
            }
            Event::Visual(Visual::Fraction(bar)) => {
                let over = self.next(state)?;
                let bar = bar.is_none_or(|bar| bar.value > 0.0);
                Node::Fraction { over, under: self.next(state)?, bar }
            }
            Event::Visual(Visual::Negation) => Node::Negated(self.next(state)?),
            Event::Script { ty, position } => self.scripts(ty, position, state)?,
            Event::Space { width, .. } => {
                Node::Space(width.map_or(0.0, |width| ems(width.value, width.unit)))
            }
            Event::StateChange(StateChange::Font(font)) => {
                state.font = font;
                Node::EMPTY
            }
            Event::StateChange(StateChange::Color(change)) => {
                if change.target == ColorTarget::Text {
                    let (r, g, b) = change.color;
                    state.color = Some(Rgb(r, g, b));
                }
                Node::EMPTY
            }
            _ => Node::EMPTY,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn scripts(
        &mut self,
        ty: ScriptType,
        position: ScriptPosition,
        state: &mut State,
    ) -> Result<Node, FormulaError> {
        let base = self.next(state)?;
        let first = Some(self.next(state)?);
        let (sub, sup) = match ty {
            ScriptType::Subscript => (first, None),
            ScriptType::Superscript => (None, first),
            ScriptType::SubSuperscript => (first, Some(self.next(state)?)),
        };
        let limits = match position {
            ScriptPosition::Right => Limits::Beside,
            ScriptPosition::AboveBelow => Limits::Around,
            ScriptPosition::Movable => Limits::Movable,
        };
        Ok(Node::Scripts { base, sub, sup, limits })
    }

    fn group(&mut self, grouping: &Grouping, state: State) -> Result<Node, FormulaError> {
        let (rows, _) = self.cells(state)?;
        let kind = match grouping {
            Grouping::Normal => return Ok(Node::Row(rows.into_iter().flatten().collect())),
            Grouping::LeftRight(left, right) => {
                let body = Box::new(Node::Row(rows.into_iter().flatten().collect()));
                return Ok(Node::Fenced { left: *left, right: *right, body });
            }
            Grouping::Array(columns) => GridKind::Columns(
                columns
                    .iter()
                    .filter_map(|column| match column {
                        ArrayColumn::Column(align) => Some(letter(*align)),
                        ArrayColumn::Separator(_) => None,
                    })
                    .collect(),
            ),
            Grouping::Matrix { alignment } | Grouping::SubArray { alignment } => {
                GridKind::Columns(vec![letter(*alignment)])
            }
            Grouping::Cases { left } => GridKind::Cases { left: *left },
            Grouping::Align { .. }
            | Grouping::Aligned
            | Grouping::Alignat { .. }
            | Grouping::Alignedat { .. }
            | Grouping::Split => GridKind::Pairs,
            _ => GridKind::Rows,
        };
        let small = matches!(grouping, Grouping::SubArray { .. });
        Ok(Node::Grid { kind, rows, small })
    }
}

/// A cell that is being read: what follows a change of style is a piece of its own.
#[derive(Default)]
struct Cell {
    done: Vec<(Option<Style>, Vec<Node>)>,
}

impl Cell {
    fn push(&mut self, node: Node) {
        if node == Node::EMPTY {
            return;
        }
        match self.done.last_mut() {
            Some((_, nodes)) => nodes.push(node),
            None => self.done.push((None, vec![node])),
        }
    }

    fn style(&mut self, style: Style) {
        self.done.push((Some(style), Vec::new()));
    }

    fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    fn finish(self) -> Node {
        let mut row = Vec::new();
        for (style, nodes) in self.done {
            match style {
                Some(style) => row.push(Node::Styled(style, Box::new(Node::Row(nodes)))),
                None => row.extend(nodes),
            }
        }
        Node::Row(row)
    }
}

const fn letter(align: ColumnAlignment) -> char {
    match align {
        ColumnAlignment::Left => 'l',
        ColumnAlignment::Center => 'c',
        ColumnAlignment::Right => 'r',
    }
}

/// A length in parts of the size of the letters.
fn ems(value: f32, unit: DimensionUnit) -> f32 {
    let unit = match unit {
        DimensionUnit::Em => 1.0,
        DimensionUnit::Mu => 1.0 / 18.0,
        DimensionUnit::Ex => 0.431,
        DimensionUnit::Mm => 0.2845,
        DimensionUnit::Cm => 2.845,
        DimensionUnit::In => 7.227,
        _ => 0.1,
    };
    (value * unit).clamp(-10.0, 40.0)
}

fn symbol(content: Content<'_>, state: State) -> Symbol {
    let plain = |text: String, class: Class| Symbol {
        text,
        class,
        font: state.font,
        color: state.color,
        upright: false,
        large: false,
        size: None,
        stretchy: false,
    };
    match content {
        Content::Text(text) | Content::Number(text) => {
            Symbol { upright: true, ..plain(text.to_owned(), Class::Ordinary) }
        }
        Content::Function(name) => Symbol { upright: true, ..plain(name.to_owned(), Class::Operator) },
        Content::Ordinary { content, stretchy } => {
            Symbol { stretchy, ..plain(content.to_string(), Class::Ordinary) }
        }
        Content::LargeOp { content, .. } => {
            Symbol { large: true, ..plain(content.to_string(), Class::Operator) }
        }
        Content::BinaryOp { content, .. } => plain(content.to_string(), Class::Binary),
        Content::Relation { content, .. } => {
            let mut buffer = [0; 8];
            let bytes = content.encode_utf8_to_buf(&mut buffer);
            plain(String::from_utf8_lossy(bytes).into_owned(), Class::Relation)
        }
        Content::Delimiter { content, size, ty } => {
            let class = match ty {
                DelimiterType::Open => Class::Open,
                DelimiterType::Close => Class::Close,
                DelimiterType::Fence => Class::Relation,
            };
            let size = size.map(|size| match size {
                DelimiterSize::Big => 1.2,
                DelimiterSize::BIG => 1.8,
                DelimiterSize::Bigg => 2.4,
                DelimiterSize::BIGG => 3.0,
            });
            Symbol { size, ..plain(content.to_string(), class) }
        }
        Content::Punctuation(content) => plain(content.to_string(), Class::Punctuation),
    }
}
