// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

/// Upgraded by whoever holds a role; the role's name and its admin are the deployer's choice.
contract ByRole is UUPSUpgradeable, AccessControl {
    bytes32 public upgrading;

    function begin(bytes32 role, address decider) external {
        require(upgrading == 0 && role != 0);
        upgrading = role;
        _grantRole(DEFAULT_ADMIN_ROLE, decider);
        _grantRole(role, decider);
    }

    function handOver(bytes32 role, bytes32 admin, address keeper) external onlyRole(DEFAULT_ADMIN_ROLE) {
        _setRoleAdmin(role, admin);
        _grantRole(admin, keeper);
    }

    function _authorizeUpgrade(address) internal view override onlyRole(upgrading) {}
}

/// Upgraded by whomever an AccessManager lets call.
contract ByManager is UUPSUpgradeable {
    address public authority;

    function begin(address manager) external {
        require(authority == address(0));
        authority = manager;
    }

    function _authorizeUpgrade(address) internal view override {
        (bool may,) = IAccessManager(authority).canCall(msg.sender, address(this), msg.sig);
        require(may);
    }
}

contract Manager is AccessManager {
    constructor(address admin) AccessManager(admin) {}
}

/// Upgraded by its owner, who changes in two steps.
contract ByOwner is UUPSUpgradeable {
    address public owner;
    address public pendingOwner;

    function begin(address first) external {
        require(owner == address(0));
        owner = first;
    }

    function transferOwnership(address next) external {
        require(msg.sender == owner);
        pendingOwner = next;
    }

    function setOwner(address next) external {
        require(msg.sender == owner);
        owner = next;
    }

    function _authorizeUpgrade(address) internal view virtual override {
        require(msg.sender == owner);
    }
}

/// Has an owner, whom it lets upgrade nothing.
contract ByNobody is ByOwner {
    function _authorizeUpgrade(address) internal view override {
        require(msg.sender == address(0));
    }
}

/// Upgraded by an account that it names nowhere.
contract BySecret is UUPSUpgradeable {
    address private decider;

    function begin(address first) external {
        require(decider == address(0));
        decider = first;
    }

    function _authorizeUpgrade(address) internal view override {
        require(decider == address(1) || msg.sender == decider);
    }
}
