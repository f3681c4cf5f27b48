//! What draws the notations that this program does not draw itself: which programs, with which arguments.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};

use greenroom_base::hex;
use greenroom_deck::{Diagram, Notation, Rgb, Theme};
use greenroom_diagram::Palette;
use greenroom_system::command::Command;
use greenroom_system::private;
use greenroom_system::subprocess::{End, Keep, Subprocess};

/// The folder of a deck that holds what was drawn.
pub const FOLDER: &str = "diagrams";
/// How long a program may draw.
const DEADLINE: Duration = Duration::from_mins(1);
/// The longest picture that is taken from one, in bytes.
const MAX_DRAWN: u64 = 16 * 1024 * 1024;
/// How much is kept of what a program says, in bytes.
const MAX_SAID: usize = 8 * 1024;

/// How a diagram is drawn by programs of this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tool {
    /// The commands, one after the other, in a folder of their own.
    pub commands: Vec<Vec<String>>,
    /// The file that the first one reads.
    input: &'static str,
    /// The file that the last one writes.
    output: &'static str,
    text: String,
}

/// Where in the deck the picture of `diagram` is kept, in the colours of `theme`. A change of the text or of these is another name.
#[must_use]
pub fn kept(diagram: &Diagram, theme: &Theme) -> String {
    let mut hash = Sha256::new();
    for part in [diagram.notation.word(), &Palette::of(theme).to_words(), &diagram.source] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    let name = hex::encode(hash.finalize());
    let end = if diagram.notation == Notation::Mermaid { "png" } else { "svg" };
    format!("{FOLDER}/{}-{}.{end}", diagram.notation.word(), name.get(..16).unwrap_or_default())
}

impl Tool {
    /// What draws `diagram` in the colours of `theme`; nothing for formulas, which this program draws.
    #[must_use]
    pub fn of(diagram: &Diagram, theme: &Theme) -> Option<Self> {
        let color = |Rgb(r, g, b): Rgb| format!("{r:02x}{g:02x}{b:02x}");
        let (text, dark) = (color(theme.text), theme.background.luminance() < 0.4);
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<String>>();
        let (input, output, commands, source) = match diagram.notation {
            Notation::D2 => {
                let line = format!("d2 --pad 8 --theme {} in.d2 out.svg", if dark { 200 } else { 0 });
                ("in.d2", "out.svg", vec![words(&line)], diagram.source.to_string())
            }
            Notation::Typst => {
                let page = "#set page(width: auto, height: auto, margin: 4pt, fill: none)";
                let source =
                    format!("{page}\n#set text(fill: rgb(\"#{text}\"), size: 18pt)\n{}", diagram.source);
                ("in.typ", "out.svg", vec![words("typst compile --format svg in.typ out.svg")], source)
            }
            Notation::Latex => {
                let commands = vec![
                    words("latex -interaction=nonstopmode -halt-on-error -no-shell-escape in.tex"),
                    words("dvisvgm --no-fonts --exact -o out.svg in.dvi"),
                ];
                ("in.tex", "out.svg", commands, document(&diagram.source, &text))
            }
            Notation::Dot => {
                let line = format!(
                    "dot -Tsvg -Gbgcolor=transparent -Gfontcolor=#{text} -Ncolor=#{text} -Nfontcolor=#{text} \
                     -Ecolor=#{text} -Efontcolor=#{text} -o out.svg in.dot"
                );
                ("in.dot", "out.svg", vec![words(&line)], diagram.source.to_string())
            }
            Notation::Mermaid => {
                let theme = if dark { "dark" } else { "default" };
                let line = format!("mmdc -q -s 2 -b transparent -t {theme} -i in.mmd -o out.png");
                ("in.mmd", "out.png", vec![words(&line)], diagram.source.to_string())
            }
            Notation::Formula => return None,
        };
        Some(Self { commands, input, output, text: source })
    }

    /// The programs that it needs.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        self.commands.iter().filter_map(|command| command.first()).map(String::as_str)
    }

    /// Draws, in a private folder that is gone afterwards: the bytes of a picture.
    ///
    /// # Errors
    /// What the program says, or the system.
    pub fn draw(&self) -> Result<Vec<u8>, String> {
        let failed = |error: std::io::Error| error.to_string();
        let folder = private::folder("greenroom-draw-").map_err(failed)?;
        fs::write(folder.path().join(self.input), &self.text).map_err(failed)?;
        for words in &self.commands {
            run(words, folder.path())?;
        }
        let drawn = folder.path().join(self.output);
        let length = fs::metadata(&drawn).map_err(|_| "it drew nothing".to_owned())?.len();
        if length > MAX_DRAWN {
            return Err(format!("its picture is larger than {} MB", MAX_DRAWN >> 20));
        }
        fs::read(&drawn).map_err(failed)
    }
}

/// Runs one command to its end.
fn run(words: &[String], folder: &Path) -> Result<(), String> {
    let (program, arguments) = words.split_first().ok_or("there is no command")?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    let finished = Subprocess::new(command, DEADLINE)
        .keep_stdout(Keep::End(MAX_SAID))
        .together()
        .run()
        .map_err(|error| format!("{program}: {error}"))?;
    match finished.end {
        End::Status(0) => Ok(()),
        End::TimedOut => Err(format!("{program} does not come to an end within {} s", DEADLINE.as_secs())),
        End::Status(status) => {
            let said = String::from_utf8_lossy(&finished.stdout).into_owned();
            let lines: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
            // TeX's own errors begin with an exclamation mark; others say it last.
            let line = lines.iter().find(|line| line.starts_with('!')).or(lines.last()).unwrap_or(&"");
            Err(format!("{program} ended with exit status {status}: {line}"))
        }
        other => Err(format!("{program} was ended ({other:?})")),
    }
}

/// A document of LaTeX around a piece of one.
fn document(source: &str, color: &str) -> String {
    if source.contains("\\documentclass") {
        return source.to_owned();
    }
    let (mut preamble, mut body) = (String::new(), String::new());
    for line in source.lines() {
        let is_preamble =
            line.trim_start().starts_with("\\usepackage") || line.trim_start().starts_with("\\usetikz");
        let part = if is_preamble { &mut preamble } else { &mut body };
        part.push_str(line);
        part.push('\n');
    }
    let tikz = if body.contains("tikz") && !preamble.contains("tikz") { "\\usepackage{tikz}\n" } else { "" };
    format!(
        "\\documentclass[varwidth,border=4pt,12pt]{{standalone}}\n\\usepackage{{amsmath,amssymb,xcolor}}\n{tikz}{preamble}\
         \\begin{{document}}\n\\color[HTML]{{{}}}\n{body}\\end{{document}}\n",
        color.to_uppercase()
    )
}

/// Whether `program` is in `PATH`.
#[must_use]
pub fn is_here(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
