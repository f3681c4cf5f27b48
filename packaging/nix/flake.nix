# nix run 'git+file:.?dir=packaging/nix', or with the repository's address in place of `file:.`
{
  description = "Greenroom: presentations in the terminal with live demos inside the slides";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixpkgs-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "x86_64-darwin"
        "aarch64-darwin"
      ];
      each = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});
      manifest = (builtins.fromTOML (builtins.readFile ../../Cargo.toml)).workspace.package;
    in
    {
      packages = each (pkgs: rec {
        default = greenroom;
        greenroom = pkgs.rustPlatform.buildRustPackage {
          pname = "greenroom";
          inherit (manifest) version;
          src = ../..;
          cargoLock.lockFile = ../../Cargo.lock;
          cargoBuildFlags = [
            "--package"
            "greenroom"
          ];
          buildType = "dist";
          nativeBuildInputs = [ pkgs.installShellFiles ];
          # The tests want terminals, browsers and two Pythons; `.ci/run` has them.
          doCheck = false;
          postInstall = ''
            bash packaging/texts $out/bin/greenroom texts
            installManPage texts/greenroom.1
            installShellCompletion --bash --name greenroom texts/completions/greenroom.bash
            installShellCompletion --zsh texts/completions/_greenroom
            installShellCompletion --fish texts/completions/greenroom.fish
          '';
          meta = {
            description = "Presentations in the terminal with live demos inside the slides";
            license = pkgs.lib.licenses.mit;
            mainProgram = "greenroom";
            platforms = systems;
          };
        };
      });
    };
}
