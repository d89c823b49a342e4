# SPDX-License-Identifier: Apache-2.0
"""A cluster to test against: an API server, its controllers, and a node that runs pods."""
