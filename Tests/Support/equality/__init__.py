# SPDX-License-Identifier: Apache-2.0
"""Holds that through the mesh real peers see the same bytes: see Scripts/equality."""
