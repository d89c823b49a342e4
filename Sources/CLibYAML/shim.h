// SPDX-License-Identifier: Apache-2.0
// Debian's libyaml-dev; linked statically by ManifestKit.
#include <yaml.h>
