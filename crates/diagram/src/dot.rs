//! DOT, the notation of Graphviz, as a flowchart of Mermaid: nodes, edges, labels, shapes, styles and clusters.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use layout::gv::DotParser;
use layout::gv::parser::ast::{ArrowKind, AttrStmtTarget, AttributeList, Graph, NodeId, Stmt};

use crate::{DrawError, Palette, mermaid};

/// Clusters in clusters: no deeper.
const MAX_DEPTH: usize = 12;
/// Nodes and edges, each.
const MAX_PARTS: usize = 1_000;

type Attributes = BTreeMap<String, String>;

/// Draws a graph.
pub(crate) fn svg(source: &str, palette: &Palette) -> Result<String, DrawError> {
    let graph = DotParser::new(source).process().map_err(|error| {
        let message = error.trim_end_matches('.').to_owned();
        DrawError::new(format!("this is no DOT that can be read: {message}"), 1)
    })?;
    let mut chart = Flowchart {
        out: String::new(),
        nodes: BTreeMap::new(),
        edges: String::new(),
        styles: String::new(),
        count: 0,
        direction: "TD",
    };
    chart.graph(&graph, &Scope::default(), 0)?;
    let text = format!("flowchart {}\n{}{}{}", chart.direction, chart.out, chart.edges, chart.styles);
    mermaid::svg(&text, palette).map_err(|error| DrawError::new(error.message, 1))
}

/// What holds for nodes and edges until the end of a graph.
#[derive(Debug, Clone, Default)]
struct Scope {
    node: Attributes,
    edge: Attributes,
}

struct Flowchart {
    out: String,
    /// The numbers of the nodes that have been written.
    nodes: BTreeMap<String, usize>,
    edges: String,
    styles: String,
    count: usize,
    direction: &'static str,
}

impl Flowchart {
    fn graph(&mut self, graph: &Graph, scope: &Scope, depth: usize) -> Result<(), DrawError> {
        if depth > MAX_DEPTH {
            return Err(DrawError::new(format!("its subgraphs are nested more than {MAX_DEPTH} deep"), 1));
        }
        let mut scope = scope.clone();
        for statement in &graph.list.list {
            match statement {
                Stmt::Attribute(set) => match set.target {
                    AttrStmtTarget::Node => scope.node.extend(read(&set.list)),
                    AttrStmtTarget::Edge => scope.edge.extend(read(&set.list)),
                    AttrStmtTarget::Graph => {
                        if depth == 0 {
                            self.attributes(&read(&set.list));
                        }
                    }
                },
                Stmt::Node(node) => {
                    let mut own = scope.node.clone();
                    own.extend(read(&node.list));
                    self.node(&node.id.name, &own, !node.list.list.is_empty())?;
                }
                Stmt::Edge(edge) => {
                    let mut own = scope.edge.clone();
                    own.extend(read(&edge.list));
                    let mut from: &NodeId = &edge.from;
                    for (to, kind) in &edge.to {
                        self.edge(&from.name, to, kind, &own, &scope)?;
                        from = to;
                    }
                }
                Stmt::SubGraph(inner) => self.subgraph(inner, &scope, depth)?,
            }
        }
        Ok(())
    }

    fn subgraph(&mut self, graph: &Graph, scope: &Scope, depth: usize) -> Result<(), DrawError> {
        // Others only say where nodes stand.
        if !graph.name.starts_with("cluster") {
            return self.graph(graph, scope, depth + 1);
        }
        let label = graph.list.list.iter().find_map(|statement| match statement {
            Stmt::Attribute(set) if matches!(set.target, AttrStmtTarget::Graph) => {
                read(&set.list).remove("label")
            }
            _ => None,
        });
        self.count += 1;
        let _ = writeln!(
            self.out,
            "subgraph c{}[\"{}\"]",
            self.count,
            quoted(&label.unwrap_or_else(|| " ".to_owned()))
        );
        self.graph(graph, scope, depth + 1)?;
        self.out.push_str("end\n");
        Ok(())
    }

    fn attributes(&mut self, set: &Attributes) {
        if let Some(direction) = set.get("rankdir") {
            self.direction = match direction.to_uppercase().as_str() {
                "LR" => "LR",
                "RL" => "RL",
                "BT" => "BT",
                _ => "TD",
            };
        }
    }

    /// Writes the node where it is first named, or where more is said of it; gives its number.
    fn node(&mut self, name: &str, own: &Attributes, says: bool) -> Result<usize, DrawError> {
        let known = self.nodes.get(name).copied();
        if let (Some(number), false) = (known, says) {
            return Ok(number);
        }
        let number = known.unwrap_or(self.nodes.len());
        if number >= MAX_PARTS {
            return Err(DrawError::new(format!("the graph has more than {MAX_PARTS} nodes"), 1));
        }
        self.nodes.insert(name.to_owned(), number);
        let label = own.get("label").map_or(name, String::as_str);
        let label = quoted(&label.replace("\\N", name));
        let style = own.get("style").map(String::as_str).unwrap_or_default();
        let shape = own.get("shape").map_or("ellipse", String::as_str);
        let (open, close) = match shape {
            _ if style.contains("rounded") => ("(", ")"),
            "box" | "rect" | "rectangle" | "square" | "note" | "tab" | "folder" | "component"
            | "plaintext" | "none" | "plain" | "record" | "Mrecord" => ("[", "]"),
            "circle" | "point" => ("((", "))"),
            "doublecircle" => ("(((", ")))"),
            "diamond" => ("{", "}"),
            "hexagon" => ("{{", "}}"),
            "cylinder" => ("[(", ")]"),
            "parallelogram" => ("[/", "/]"),
            _ => ("([", "])"),
        };
        let _ = writeln!(self.out, "n{number}{open}\"{label}\"{close}");
        self.style(number, own, style, shape);
        Ok(number)
    }

    fn style(&mut self, number: usize, own: &Attributes, style: &str, shape: &str) {
        let mut said = Vec::new();
        let color = |name: &str| own.get(name).map(String::as_str).and_then(color);
        if style.contains("filled")
            && let Some(fill) = color("fillcolor").or_else(|| color("color"))
        {
            said.push(format!("fill:{}", crate::palette::hex(fill)));
            if color("fontcolor").is_none() {
                let words = if fill.luminance() > 0.4 { "#111111" } else { "#f4f4f4" };
                said.push(format!("color:{words}"));
            }
        }
        if let Some(line) = color("color") {
            said.push(format!("stroke:{}", crate::palette::hex(line)));
        }
        if let Some(words) = color("fontcolor") {
            said.push(format!("color:{}", crate::palette::hex(words)));
        }
        if style.contains("dashed") || style.contains("dotted") {
            said.push("stroke-dasharray:5 4".to_owned());
        }
        if matches!(shape, "plaintext" | "none" | "plain") {
            said.push("fill:none,stroke:none".to_owned());
        }
        if !said.is_empty() {
            let _ = writeln!(self.styles, "style n{number} {}", said.join(","));
        }
    }

    fn edge(
        &mut self,
        from: &str,
        to: &NodeId,
        kind: &ArrowKind,
        own: &Attributes,
        scope: &Scope,
    ) -> Result<(), DrawError> {
        let (from, to) = (self.node(from, &scope.node, false)?, self.node(&to.name, &scope.node, false)?);
        self.count += 1;
        if self.count > MAX_PARTS {
            return Err(DrawError::new(format!("the graph has more than {MAX_PARTS} edges"), 1));
        }
        let style = own.get("style").map(String::as_str).unwrap_or_default();
        let head = own.get("arrowhead").map(String::as_str).unwrap_or_default();
        let direction = own.get("dir").map(String::as_str).unwrap_or_default();
        let arrow = matches!(kind, ArrowKind::Arrow) && head != "none" && direction != "none";
        let both = direction == "both";
        let line = match (style.contains("dashed") || style.contains("dotted"), style.contains("bold"), arrow)
        {
            _ if style.contains("invis") => "~~~",
            (true, _, true) if both => "<-.->",
            (true, _, true) => "-.->",
            (true, _, false) => "-.-",
            (_, true, true) => "==>",
            (_, true, false) => "===",
            (_, _, true) if both => "<-->",
            (_, _, true) => "-->",
            (_, _, false) => "---",
        };
        let label = own.get("label").filter(|label| !label.trim().is_empty());
        let label = label.map_or_else(String::new, |label| format!("|\"{}\"|", quoted(label)));
        let _ = writeln!(self.edges, "n{from} {line}{label} n{to}");
        Ok(())
    }
}

fn read(list: &AttributeList) -> Attributes {
    list.iter().map(|(key, value)| (key.to_lowercase(), value.clone())).collect()
}

/// A label, so that nothing in it is Mermaid's notation; the fields of a record one below the other.
fn quoted(label: &str) -> String {
    let label = label.replace("\\n", "\n").replace("\\l", "\n").replace("\\r", "\n");
    let mut out = String::new();
    for c in label.trim_end_matches('\n').chars() {
        match c {
            '\n' => out.push_str("<br/>"),
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            ';' => out.push_str("#59;"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A colour by number or name: X11's names are many, and those that SVG has are what people use.
fn color(written: &str) -> Option<greenroom_deck::Rgb> {
    let first = written.split([':', ';']).next().unwrap_or_default().trim();
    let plain = first.trim_end_matches(|c: char| c.is_ascii_digit());
    greenroom_deck::Rgb::parse(first).or_else(|| {
        let known = |name: &str| {
            Some(match name {
                "lightblue" => greenroom_deck::Rgb(173, 216, 230),
                "lightgrey" | "lightgray" => greenroom_deck::Rgb(211, 211, 211),
                "lightgreen" => greenroom_deck::Rgb(144, 238, 144),
                "lightyellow" => greenroom_deck::Rgb(255, 255, 224),
                "pink" => greenroom_deck::Rgb(255, 192, 203),
                "orange" => greenroom_deck::Rgb(255, 165, 0),
                "purple" => greenroom_deck::Rgb(128, 0, 128),
                "grey" | "gray" => greenroom_deck::Rgb(160, 160, 160),
                "gold" => greenroom_deck::Rgb(255, 215, 0),
                "brown" => greenroom_deck::Rgb(165, 42, 42),
                _ => return None,
            })
        };
        known(first).or_else(|| known(plain)).or_else(|| greenroom_deck::Rgb::parse(plain))
    })
}
