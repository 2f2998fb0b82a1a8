// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

contract TollV1 {
    uint256 public total;

    function touch() external {}

    function version() external pure virtual returns (string memory) {
        return "1.2.0";
    }

    function pay(uint256 amount) external {
        total += amount;
    }
}

contract TollV2 is TollV1 {
    function version() external pure override returns (string memory) {
        return "1.3.0";
    }
}

contract TollOlder is TollV1 {
    function version() external pure override returns (string memory) {
        return "1.1.9";
    }

    function other() external {}
}

/// Where fees go is fixed as it is deployed, and no source says where.
contract TollWithFees is TollV1 {
    address public immutable feeTo;

    constructor(address feeTo_) {
        feeTo = feeTo_;
    }
}

contract TollWithFees2 is TollV1 {
    address public immutable feeTo;
    uint256 public more;

    constructor(address feeTo_) {
        feeTo = feeTo_;
    }

    function set(uint256 more_) external {
        require(msg.sender == feeTo);
        more = more_;
    }
}

contract TollWithLimit is TollV1 {
    uint256 public immutable limit;

    constructor(uint256 limit_) {
        limit = limit_;
    }
}

contract TollWithLimit2 is TollV1 {
    uint256 public immutable limit;
    uint256 public more;

    constructor(uint256 limit_) {
        limit = limit_;
    }

    function set(uint256 more_) external {
        require(more_ < limit);
        more = more_;
    }
}

/// Values that follow from the contract's own address and the chain.
contract TollSigned is TollV1, EIP712 {
    address private immutable self = address(this);

    constructor() EIP712("Toll", "1") {}

    function domain() external view returns (bytes32, address) {
        return (_domainSeparatorV4(), self);
    }
}

contract TollSigned2 is TollV1, EIP712 {
    address private immutable self = address(this);
    uint256 public more;

    constructor() EIP712("Toll", "1") {}

    function domain() external view returns (bytes32, address, uint256) {
        return (_domainSeparatorV4(), self, more);
    }
}

library Tariff {
    function due(uint256 amount) external pure returns (uint256) {
        return amount / 50;
    }
}

/// The same interface, by somebody else.
library Tribute {
    function due(uint256 amount) external pure returns (uint256) {
        return amount;
    }
}

contract TollLinked is TollV1 {
    function due(uint256 amount) external pure returns (uint256) {
        return Tariff.due(amount);
    }
}

contract TollLinked2 is TollV1 {
    uint256 public more;

    function due(uint256 amount) external pure returns (uint256) {
        return Tariff.due(amount) + 1;
    }
}

contract TollUsed is TollV1 {
    address public owner;

    constructor() {
        owner = msg.sender;
    }
}
