use super::*;
use greenroom_deck::Rgb;

fn palette() -> Palette {
    let series = [Rgb(10, 20, 30); 6];
    Palette {
        background: Rgb(0, 0, 0),
        surface: Rgb(30, 30, 30),
        text: Rgb(250, 251, 252),
        muted: Rgb(120, 120, 120),
        border: Rgb(90, 91, 92),
        series,
    }
}

fn drawn(notation: Notation, source: &str) -> String {
    svg(notation, source, &palette()).unwrap_or_else(|error| panic!("{source}: {error:?}"))
}

#[test]
fn diagrams_of_mermaid_are_drawn_in_the_colours_of_the_theme() {
    let kinds = [
        "flowchart LR\n  A[Client] -->|asks| B{Cache?}\n  B -->|no| C[(Store)]",
        "graph TD; A-->B; B-->C",
        "sequenceDiagram\n  Alice->>Bob: Hello\n  Bob-->>Alice: Hi",
        "classDiagram\n  Animal <|-- Duck\n  Animal : +int age",
        "stateDiagram-v2\n  [*] --> Still\n  Still --> [*]",
        "erDiagram\n  CUSTOMER ||--o{ ORDER : places",
        "gantt\n  title A plan\n  dateFormat YYYY-MM-DD\n  section Build\n  Parser :a1, 2026-01-01, 20d",
        "pie title Pets\n  \"Dogs\" : 386\n  \"Cats\" : 85",
        "timeline\n  title History\n  2002 : One\n  2004 : Two",
        "mindmap\n  root((x))\n    a\n    b",
        "gitGraph\n  commit\n  branch x\n  commit\n  checkout main\n  merge x",
    ];
    for source in kinds {
        let svg = drawn(Notation::Mermaid, source);
        assert!(svg.starts_with("<svg") && !svg.contains("foreignObject"), "{source}");
        let of_theme = ["#fafbfc", "#787878", "#0a141e"].iter().any(|color| svg.contains(color));
        assert!(of_theme, "{source}: not in the theme's colours");
    }
}

#[test]
fn graphs_of_dot_are_drawn_with_their_clusters() {
    let svg = drawn(
        Notation::Dot,
        "digraph G { rankdir=LR; node [shape=box]; a -> b [label=\"foo\"]; b -> c [style=dashed];\n\
         c [label=\"Result\", shape=ellipse, style=filled, fillcolor=lightblue];\n\
         subgraph cluster_0 { label=\"inner\"; d -> e; } e -> a }",
    );
    for word in ["foo", "Result", "inner", "#add8e6"] {
        assert!(svg.contains(word), "{word}: {svg}");
    }
    assert!(drawn(Notation::Dot, "graph { a -- b -- c; \"x y\" -- a }").contains("x y"));
}

#[test]
fn what_cannot_be_drawn_says_why_and_where() {
    let fault = |notation, source: &str| svg(notation, source, &palette()).unwrap_err();
    let unknown = fault(Notation::Mermaid, "nonsense\n  a --> b");
    assert!(unknown.message.contains("nonsense"), "{unknown:?}");
    let wrong = fault(Notation::Mermaid, "pie\n  \"a\" : 1\n  \"b\" : x\n");
    assert_eq!(wrong.line, 3, "{wrong:?}");
    assert!(fault(Notation::Mermaid, "").message.contains("empty"));
    assert!(fault(Notation::Dot, "digraph { a -> ").message.contains("DOT"));
    assert_eq!(fault(Notation::Formula, "a\n+ \\unknown").line, 2);
    let long = format!("flowchart LR\n{}", "a --> b\n".repeat(262_144));
    assert_eq!(
        fault(Notation::Mermaid, &long).message,
        "this diagram is 2048 kB long, and at most 64 kB are drawn"
    );
}

#[test]
fn colours_travel_as_words() {
    assert_eq!(Palette::from_words(&palette().to_words()), Some(palette()));
    assert_eq!(Palette::from_words("#000000"), None);
}
